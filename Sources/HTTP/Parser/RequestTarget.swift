/// What a request is about: RFC 9112 §3.2, RFC 3986 §3.3.
///
/// The path is decoded here, once, and checked after decoding: nothing above can decode a second time, and no segment
/// can climb, hide a slash or end a C string.
struct RequestTarget: Sendable {
    let path: String
    let query: [UInt8]
    let hasQuery: Bool
    /// Where host and port of the absolute form are in the input; empty in the other forms.
    private(set) var authority = 0..<0

    init(_ input: borrowing Span<UInt8>, _ range: Range<Int>, method: Method) throws(Refusal) {
        var start = range.lowerBound
        if input[start] != UInt8(ascii: "/") {
            if range.count == 1, input[start] == UInt8(ascii: "*"), method == .options {
                path = "*"
                query = []
                hasQuery = false
                return
            }
            authority = try Self.authority(input, range)
            start = authority.upperBound
        }
        var end = start
        var isEncoded = false
        while end < range.upperBound, input[end] != UInt8(ascii: "?") {
            let byte = input[end]
            guard Self.isPathByte(byte) else { throw .target }
            if byte == UInt8(ascii: "%") { isEncoded = true }
            end += 1
        }
        path = start == end ? "/" : try Self.path(input, start..<end, isEncoded: isEncoded)
        hasQuery = end < range.upperBound
        guard hasQuery else {
            query = []
            return
        }
        for index in end + 1..<range.upperBound where input[index] == UInt8(ascii: "#") { throw .target }
        query = input.array(end + 1..<range.upperBound)
    }

    /// The absolute form, which a server must take (§3.2.2): where its authority is.
    private static func authority(_ input: borrowing Span<UInt8>, _ range: Range<Int>) throws(Refusal) -> Range<Int> {
        let schemes: [StaticString] = ["http://", "https://"]
        for scheme in schemes {
            let start = range.lowerBound + scheme.utf8CodeUnitCount
            guard start < range.upperBound, input.holdsIgnoringCase(scheme, at: range.lowerBound..<start) else {
                continue
            }
            var end = start
            while end < range.upperBound, input[end] != UInt8(ascii: "/"), input[end] != UInt8(ascii: "?") { end += 1 }
            guard Authority.isValid(input, start..<end) else { throw .target }
            return start..<end
        }
        throw .target
    }

    /// `pchar`, slash and the percent sign: RFC 3986 §3.3.
    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "/")...UInt8(ascii: "9"), UInt8(ascii: "$")...UInt8(ascii: "."),
            UInt8(ascii: "!"), UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "@"),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }

    private static func path(
        _ input: borrowing Span<UInt8>,
        _ range: Range<Int>,
        isEncoded: Bool
    ) throws(Refusal) -> String {
        guard isEncoded else {
            guard !hasDotSegment(input, range) else { throw .target }
            return input.string(range)
        }
        let decoded = try decode(input, range)
        guard !hasDotSegment(decoded.span, decoded.indices) else { throw .target }
        guard let path = String(validating: decoded, as: UTF8.self) else { throw .target }
        return path
    }

    private static func decode(_ input: borrowing Span<UInt8>, _ range: Range<Int>) throws(Refusal) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            var byte = input[index]
            index += 1
            if byte == UInt8(ascii: "%") {
                guard index + 1 < range.upperBound, let high = Hex.value(input[index]),
                    let low = Hex.value(input[index + 1])
                else { throw .target }
                byte = high << 4 | low
                index += 2
                // An encoded slash would change where segments end; control bytes have no business in a path.
                guard byte != UInt8(ascii: "/"), byte >= 32, byte != 127 else { throw .target }
            }
            decoded.append(byte)
        }
        return decoded
    }

    private static func hasDotSegment(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
        var length = 0
        var dots = 0
        for index in range {
            if bytes[index] == UInt8(ascii: "/") {
                if dots == length, dots == 1 || dots == 2 { return true }
                length = 0
                dots = 0
            } else {
                length += 1
                if bytes[index] == UInt8(ascii: ".") { dots += 1 }
            }
        }
        return dots == length && (dots == 1 || dots == 2)
    }
}

/// Hexadecimal digits.
enum Hex {
    static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
