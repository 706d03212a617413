/// How much a log line matters to an operator.
public enum LogLevel: String, Sendable, CaseIterable, Comparable {
    /// For somebody who looks for a fault in the program.
    case debug
    /// What normally happens, every request among it.
    case info
    /// Something to look at soon: it was dealt with, but should not go on.
    case warning
    /// Something did not work.
    case error

    /// The less important one is less.
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }

    /// The name as it stands in a line.
    var word: StaticString {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        }
    }
}
