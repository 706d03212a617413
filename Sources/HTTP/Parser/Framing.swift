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

    /// Where the value of `Host` is in the input, while the header is being read.
    private var host: Range<Int>?
    private var length: Int?
    private var isChunked = false
    private(set) var mustClose = false
    private(set) var expectsContinue = false

    /// Takes in one field; most are none of its business, which their length tells.
    mutating func note(_ input: borrowing Span<UInt8>, name: Range<Int>, value: Range<Int>) throws(Refusal) {
        switch name.count {
        case 4 where input.holdsIgnoringCase("host", at: name):
            guard host == nil, Authority.isValid(input, value) else { throw .host }
            host = value
        case 6 where input.holdsIgnoringCase("expect", at: name):
            guard input.holdsIgnoringCase("100-continue", at: value) else { throw .expectation }
            expectsContinue = true
        case 10 where input.holdsIgnoringCase("connection", at: name):
            // What nearly everybody says.
            if input.holdsIgnoringCase("keep-alive", at: value) { break }
            try noteOptions(input, value)
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

    /// The verdict at the end of the header; sizes are left to the caller.
    func content(_ version: RequestLine.Version) throws(Refusal) -> Content {
        if version == .http11, host == nil { throw .host }
        if isChunked {
            guard version == .http11 else { throw .transferEncoding }
            return .chunked
        }
        guard let length, length > 0 else { return .none }
        return .length(length)
    }

    /// Refuses a target in absolute form that names another host than `Host` does: RFC 9112 §3.2.2.
    ///
    /// The specification lets the target win. Whoever reads the other of the two would send the request elsewhere.
    func check(_ authority: Range<Int>, _ input: borrowing Span<UInt8>) throws(Refusal) {
        guard !authority.isEmpty, let host else { return }
        guard authority.count == host.count else { throw .authority }
        for offset in 0..<host.count
        where !FieldGrammar.equalIgnoringCase(input[authority.lowerBound + offset], input[host.lowerBound + offset]) {
            throw .authority
        }
    }

    /// The options of `Connection`: RFC 9110 §7.6.1.
    ///
    /// A proxy removes the fields that they name, and must not be made to remove what frames the message or says for
    /// whom it is. Who asks for another protocol may be speaking it already, so nothing after that request is read.
    private mutating func noteOptions(_ input: borrowing Span<UInt8>, _ range: Range<Int>) throws(Refusal) {
        var start = range.lowerBound
        while start < range.upperBound {
            var end = start
            while end < range.upperBound, input[end] != UInt8(ascii: ",") { end += 1 }
            let option = FieldLine.trimmed(input, start..<end)
            for index in option where !FieldGrammar.isTokenByte(input[index]) { throw .connection }
            switch option.count {
            case 5 where input.holdsIgnoringCase("close", at: option): mustClose = true
            case 7 where input.holdsIgnoringCase("upgrade", at: option): mustClose = true
            default: if Self.decides(input, option) { throw .connection }
            }
            start = end + 1
        }
    }

    /// Whether a field of this name decides where a message ends or for whom it is.
    static func decides(_ input: borrowing Span<UInt8>, _ name: Range<Int>) -> Bool {
        switch name.count {
        case 4: input.holdsIgnoringCase("host", at: name)
        case 14: input.holdsIgnoringCase("content-length", at: name)
        case 17: input.holdsIgnoringCase("transfer-encoding", at: name)
        default: false
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
}
