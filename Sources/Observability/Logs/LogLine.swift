extension Log {
    /// The most bytes of a line without its fields.
    static func headBound(_ event: StaticString) -> Int {
        event.utf8CodeUnitCount + LogTime.textCount + 48  // {"time":"","level":"warning","event":""}\n
    }
}

extension OutputSpan where Element == UInt8 {
    /// Begins a line: everything up to the fields of the event.
    mutating func beginLine(_ level: LogLevel, _ event: StaticString) {
        append("{\"time\":\"")
        append(LogTime.now)
        append("\",\"level\":\"")
        append(level.word)
        append("\",\"event\":\"")
        append(event)
        append("\"")
    }

    mutating func append(_ field: LogField) {
        append(",\"")
        append(field.name)
        append("\":")
        switch field.value {
        case .integer(let value): append(decimal: value)
        case .flag(let value): append(value ? "true" : "false")
        case .word(let word): appendQuoted(word)
        case .text(let text):
            append("\"")
            append(escaping: text)
            append("\"")
        }
    }

    private mutating func appendQuoted(_ word: StaticString) {
        append("\"")
        append(word)
        append("\"")
    }

    mutating func endLine() {
        append("}\n")
    }
}
