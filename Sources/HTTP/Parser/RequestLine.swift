/// Method, target and version: RFC 9112 §3.
struct RequestLine: Sendable {
    enum Version: Sendable {
        case http10, http11
    }

    let method: Method
    let target: RequestTarget
    let version: Version

    init(_ input: borrowing Span<UInt8>, _ line: Range<Int>) throws(Refusal) {
        var position = line.lowerBound
        while position < line.upperBound, FieldGrammar.isTokenByte(input[position]) { position += 1 }
        guard position > line.lowerBound, position < line.upperBound, input[position] == 32 else { throw .requestLine }
        let method = Self.method(input, line.lowerBound..<position)

        let targetStart = position + 1
        position = targetStart
        while position < line.upperBound, input[position] > 32, input[position] < 127 { position += 1 }
        guard position > targetStart, position < line.upperBound, input[position] == 32 else { throw .requestLine }

        version = try Self.version(input, position + 1..<line.upperBound)
        self.method = method
        guard method != .other("CONNECT") else { throw .connectMethod }
        target = try RequestTarget(input, targetStart..<position, method: method)
    }

    private static func method(_ input: borrowing Span<UInt8>, _ range: Range<Int>) -> Method {
        if input.holds("GET", at: range) { return .get }
        if input.holds("POST", at: range) { return .post }
        return Method(input.string(range))
    }

    private static func version(_ input: borrowing Span<UInt8>, _ range: Range<Int>) throws(Refusal) -> Version {
        if input.holds("HTTP/1.1", at: range) { return .http11 }
        if input.holds("HTTP/1.0", at: range) { return .http10 }
        let isDigit = { (byte: UInt8) in byte >= 48 && byte <= 57 }
        let start = range.lowerBound
        guard range.count == 8, input.holds("HTTP/", at: start..<start + 5), isDigit(input[start + 5]),
            input[start + 6] == UInt8(ascii: "."), isDigit(input[start + 7])
        else { throw .requestLine }
        throw .version
    }
}

extension Span<UInt8> {
    /// Whether a range holds exactly these bytes.
    func holds(_ text: StaticString, at range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count where self[range.lowerBound + offset] != text.utf8Start[offset] { return false }
        return true
    }

    /// The same, ASCII letters in either case; `text` is in lower case.
    func holdsIgnoringCase(_ text: StaticString, at range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count
        where FieldGrammar.lowercased(self[range.lowerBound + offset]) != text.utf8Start[offset] {
            return false
        }
        return true
    }

    /// A range as text.
    func string(_ range: Range<Int>) -> String {
        withUnsafeBufferPointer { String(decoding: $0[range], as: UTF8.self) }
    }

    /// A range as an array.
    func array(_ range: Range<Int>) -> [UInt8] {
        withUnsafeBufferPointer { Array($0[range]) }
    }
}
