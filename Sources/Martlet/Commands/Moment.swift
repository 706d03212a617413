import Identity
import OAuthTypes

/// A moment as an option names it: a date, a time, or how long ago.
enum Moment: Sendable, Equatable {
    case at(Timestamp)
    case ago(Duration)

    /// Nil for what is neither.
    init?(_ text: String) {
        if let moment = Timestamp(date: text) {
            self = .at(moment)
            return
        }
        let units: [Character: Int64] = ["m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()),
            (0...1_000_000).contains(number)
        else { return nil }
        self = .ago(.seconds(number * unit))
    }

    /// Nil where the option is not given.
    init?(_ arguments: Arguments, _ option: Option) throws(UsageError) {
        guard let text = arguments.value(option) else { return nil }
        guard let moment = Moment(text) else {
            throw UsageError(
                "\(option.name) is no moment: write 2026-01-31, 2026-01-31T18:30Z, 90m, 12h or 7d",
                in: arguments.usage.words)
        }
        self = moment
    }

    /// The moment, where it is now.
    func before(_ now: Timestamp) -> Timestamp {
        switch self {
        case .at(let moment): moment
        case .ago(let time): now - time
        }
    }
}
