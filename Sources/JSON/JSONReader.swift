/// A recursive descent over the grammar of RFC 8259 §2 to §7.
///
/// Strings and numbers are in files of their own.
///
/// The text is an argument of every step and not a member, since a span may not be stored.
struct JSONReader {
    let limits: JSONLimits
    var position = 0

    init(limits: JSONLimits) { self.limits = limits }

    mutating func readDocument(_ text: Span<UInt8>) throws(JSONError) -> JSONValue {
        guard text.count <= limits.bytes else { throw JSONError(.tooLong, at: limits.bytes) }
        if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF {
            throw JSONError(.byteOrderMark, at: 0)
        }
        // Once for all: from here on every slice that starts and ends at an ASCII byte is valid UTF-8.
        do { _ = try UTF8Span(validating: text) } catch {
            throw JSONError(.invalidUTF8, at: error.byteOffsets.lowerBound)
        }
        skipSpace(text)
        let value = try readValue(text, depth: 1)
        skipSpace(text)
        guard position == text.count else { throw JSONError(.trailingContent, at: position) }
        return value
    }

    mutating func readValue(_ text: Span<UInt8>, depth: Int) throws(JSONError) -> JSONValue {
        switch try peek(text) {
        case ASCII.openBrace: return .object(try readObject(text, depth: depth))
        case ASCII.openBracket: return .array(try readArray(text, depth: depth))
        case ASCII.quote: return .string(try readString(text))
        case ASCII.minus, ASCII.zero...ASCII.nine: return try readNumber(text)
        case UInt8(ascii: "t"): return try readWord("true", as: .bool(true), text)
        case UInt8(ascii: "f"): return try readWord("false", as: .bool(false), text)
        case UInt8(ascii: "n"): return try readWord("null", as: .null, text)
        default: throw JSONError(.unexpectedByte, at: position)
        }
    }

    private mutating func readObject(_ text: Span<UInt8>, depth: Int) throws(JSONError) -> JSONObject {
        guard depth <= limits.depth else { throw JSONError(.tooDeep, at: position) }
        position += 1
        skipSpace(text)
        if try take(ASCII.closeBrace, text) { return JSONObject() }

        var names = DistinctNames()
        var members: [JSONObject.Member] = []
        // As many as the text has room for, of the usual size.
        members.reserveCapacity(min(16, (text.count - position) / 24 + 1))
        while true {
            let start = position
            guard try peek(text) == ASCII.quote else { throw JSONError(.unexpectedByte, at: position) }
            let name = try readString(text)
            let mark = NameMark(name)
            guard names.insert(name, mark, after: members) else { throw JSONError(.duplicateName, at: start) }
            skipSpace(text)
            guard try take(ASCII.colon, text) else { throw JSONError(.unexpectedByte, at: position) }
            skipSpace(text)
            members.append(JSONObject.Member(name: name, mark, value: try readValue(text, depth: depth + 1)))
            skipSpace(text)
            if try take(ASCII.closeBrace, text) { return JSONObject(distinct: members) }
            guard try take(ASCII.comma, text) else { throw JSONError(.unexpectedByte, at: position) }
            skipSpace(text)
        }
    }

    private mutating func readArray(_ text: Span<UInt8>, depth: Int) throws(JSONError) -> [JSONValue] {
        guard depth <= limits.depth else { throw JSONError(.tooDeep, at: position) }
        position += 1
        skipSpace(text)
        if try take(ASCII.closeBracket, text) { return [] }

        var elements: [JSONValue] = []
        elements.reserveCapacity(4)
        while true {
            elements.append(try readValue(text, depth: depth + 1))
            skipSpace(text)
            if try take(ASCII.closeBracket, text) { return elements }
            guard try take(ASCII.comma, text) else { throw JSONError(.unexpectedByte, at: position) }
            skipSpace(text)
        }
    }

    private mutating func readWord(
        _ word: StaticString, as value: JSONValue, _ text: Span<UInt8>
    ) throws(JSONError) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard try take(word.utf8Start[index], text) else { throw JSONError(.unexpectedByte, at: position) }
        }
        return value
    }
}

extension JSONReader {
    /// The next byte, which stays.
    func peek(_ text: Span<UInt8>) throws(JSONError) -> UInt8 {
        guard position < text.count else { throw JSONError(.unexpectedEnd, at: position) }
        return text[position]
    }

    /// Steps over the next byte if it is this one.
    mutating func take(_ byte: UInt8, _ text: Span<UInt8>) throws(JSONError) -> Bool {
        guard try peek(text) == byte else { return false }
        position += 1
        return true
    }

    mutating func skipSpace(_ text: Span<UInt8>) {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }
}

/// Bytes of the grammar.
enum ASCII {
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")
    static let minus = UInt8(ascii: "-")
    static let zero = UInt8(ascii: "0")
    static let nine = UInt8(ascii: "9")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
}
