import Mustache

/// A time to wait, rounded up, as people say it: `{{#wait}}{{>text/wait.duration}}{{/wait}}`, or with the partial `wait`,
/// which the script counts down.
struct ShownWait: Equatable, Sendable {
    let seconds: Int

    /// Nil for no time.
    init?(seconds: Int?) {
        guard let seconds else { return nil }
        self.seconds = max(0, seconds)
    }

    var value: MustacheValue {
        let isShort = seconds <= 90
        return [
            "total": .integer(seconds),
            "seconds": isShort ? .count(seconds) : .null,
            "minutes": isShort ? .null : .count(seconds / 60 + (seconds % 60 > 0 ? 1 : 0)),
        ]
    }

    /// What a page without a time to wait has in its place.
    static func value(_ seconds: Int?) -> MustacheValue { ShownWait(seconds: seconds)?.value ?? .null }
}
