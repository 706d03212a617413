import Mustache

/// How long something works, in whole hours or minutes and rather less than more: `{{#period}}{{>text/wait.period}}{{/period}}`.
public struct ShownPeriod: Equatable, Sendable {
    /// Seconds.
    public let seconds: Int64

    /// A period of at least a minute.
    public init(seconds: Int64) { self.seconds = max(60, seconds) }

    var value: MustacheValue {
        let isHours = seconds % 3600 == 0
        return [
            "hours": isHours ? .count(Int(clamping: seconds / 3600)) : .null,
            "minutes": isHours ? .null : .count(Int(clamping: seconds / 60)),
        ]
    }
}
