/// A named value in a log line.
///
/// There is no way from a `String` to a field but by `harmless`, so that a secret cannot slip in unnoticed: who calls it
/// vouches in the source that the text is none.
public struct LogField: Sendable {
    enum Value {
        case integer(Int64)
        case flag(Bool)
        case word(StaticString)
        case text(String)
    }

    let name: StaticString
    let value: Value

    /// A number.
    public static func integer(_ name: StaticString, _ value: some BinaryInteger) -> LogField {
        LogField(name: name, value: .integer(Int64(clamping: value)))
    }

    /// A truth value.
    public static func flag(_ name: StaticString, _ value: Bool) -> LogField {
        LogField(name: name, value: .flag(value))
    }

    /// A text that stands in the source.
    public static func word(_ name: StaticString, _ value: StaticString) -> LogField {
        LogField(name: name, value: .word(value))
    }

    /// A text of which the caller vouches that it is no secret and holds none: an identifier, an address, a version.
    ///
    /// It may come from a stranger: what would break a line or a terminal is escaped.
    public static func harmless(_ name: StaticString, _ value: some CustomStringConvertible) -> LogField {
        LogField(name: name, value: .text(value.description))
    }

    /// What went wrong, named `error`; types that hold secrets print redacted.
    public static func error(_ error: any Error) -> LogField {
        LogField(name: "error", value: .text(String(describing: error)))
    }

    /// The most bytes that the field takes in a line, as long as a text is not over its limit.
    var bound: Int {
        let content =
            switch value {
            case .integer, .flag: 20
            case .word(let word): word.utf8CodeUnitCount
            case .text(let text): LogText.bound(utf8Count: text.utf8.count)
            }
        return name.utf8CodeUnitCount + content + 6  // ,"":""
    }
}
