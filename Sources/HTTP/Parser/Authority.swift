/// A host and perhaps a port: RFC 3986 §3.2.2, RFC 9110 §4.2.1, without user information.
enum Authority {
    /// Whether a range is `host [":" port]`: a name, an IPv4 address, or something in brackets.
    static func isValid(_ input: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
        var position = range.lowerBound
        if position < range.upperBound, input[position] == UInt8(ascii: "[") {
            position += 1
            while position < range.upperBound, isLiteralByte(input[position]) { position += 1 }
            guard position > range.lowerBound + 2, position < range.upperBound, input[position] == UInt8(ascii: "]")
            else { return false }
            position += 1
        } else {
            while position < range.upperBound, isNameByte(input[position]) { position += 1 }
        }
        guard position > range.lowerBound else { return false }
        guard position < range.upperBound else { return true }
        guard input[position] == UInt8(ascii: ":"), range.upperBound - position <= 6 else { return false }
        for index in position + 1..<range.upperBound where input[index] < 48 || input[index] > 57 { return false }
        return true
    }

    /// `reg-name`; a comma is left out, because it would end the host where fields are joined.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "$")...UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default:
            false
        }
    }

    /// Inside of brackets: `IPv6address` or `IPvFuture`.
    private static func isLiteralByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ":") || isNameByte(byte)
    }
}
