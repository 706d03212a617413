/// What the header says about the message itself: where its content ends, whether the connection goes on.
///
/// RFC 9112 §3.2, §6, §9; RFC 9110 §10.1.1.
struct Framing: Sendable {
    /// How the content ends.
    enum Content: Sendable, Hashable {
        case none
        case length(Int)
        case chunked
    }

    private var hosts = 0
    private var length: Int?
    private var isChunked = false
    private(set) var mustClose = false
    private(set) var expectsContinue = false

    /// Takes in one field; most are none of its business, which their length tells.
    mutating func note(_ input: borrowing Span<UInt8>, name: Range<Int>, value: Range<Int>) throws(Refusal) {
        switch name.count {
        case 4 where input.holdsIgnoringCase("host", at: name):
            hosts += 1
            guard hosts == 1, !value.isEmpty else { throw .host }
            for index in value where !Self.isHostByte(input[index]) { throw .host }
        case 6 where input.holdsIgnoringCase("expect", at: name):
            guard input.holdsIgnoringCase("100-continue", at: value) else { throw .expectation }
            expectsContinue = true
        case 10 where input.holdsIgnoringCase("connection", at: name):
            if Self.list(input, value, contains: "close") { mustClose = true }
        case 14 where input.holdsIgnoringCase("content-length", at: name):
            guard length == nil else { throw .contentLength }
            guard !isChunked else { throw .twoLengths }
            length = try Self.decimal(input, value)
        case 17 where input.holdsIgnoringCase("transfer-encoding", at: name):
            guard !isChunked else { throw .transferEncoding }
            guard length == nil else { throw .twoLengths }
            guard input.holdsIgnoringCase("chunked", at: value) else { throw .transferCoding }
            isChunked = true
        default:
            break
        }
    }

    /// The verdict at the end of the header.
    func content(_ version: RequestLine.Version, limit: Int) throws(Refusal) -> Content {
        if version == .http11, hosts == 0 { throw .host }
        if isChunked {
            guard version == .http11 else { throw .transferEncoding }
            return .chunked
        }
        guard let length, length > 0 else { return .none }
        guard length <= limit else { throw .bodyTooLarge }
        return .length(length)
    }

    /// Bytes of `host [":" port]`: RFC 3986 §3.2.2, without user information.
    static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "$")...UInt8(ascii: "."), UInt8(ascii: "!"),
            UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }

    /// Digits only; a number too large for `Int` stands for one larger than any limit.
    private static func decimal(_ input: borrowing Span<UInt8>, _ range: Range<Int>) throws(Refusal) -> Int {
        guard !range.isEmpty else { throw .contentLength }
        var number = 0
        for index in range {
            let byte = input[index]
            guard byte >= 48, byte <= 57 else { throw .contentLength }
            let (product, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(Int(byte - 48))
            number = tooLarge || overflow ? Int.max / 16 : sum
        }
        return number
    }

    /// Whether a comma-separated list has this member, in any case.
    private static func list(_ input: borrowing Span<UInt8>, _ range: Range<Int>, contains word: StaticString) -> Bool {
        var start = range.lowerBound
        while start < range.upperBound {
            var end = start
            while end < range.upperBound, input[end] != UInt8(ascii: ",") { end += 1 }
            if input.holdsIgnoringCase(word, at: FieldLine.trimmed(input, start..<end)) { return true }
            start = end + 1
        }
        return false
    }
}
