/// The byte grammar of field names and values: RFC 9110 §5.1, §5.5, §5.6.2.
enum FieldGrammar {
    /// One entry a byte: bit 0 token character, bit 1 allowed inside a field value.
    private static let classes: [UInt8] = (0...255).map { (byte: Int) -> UInt8 in
        let letterOrDigit = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        let tokenMark = "!#$%&'*+-.^_`|~".utf8.contains { Int($0) == byte }
        let inValue = byte == 9 || (byte >= 32 && byte != 127)
        return (letterOrDigit || tokenMark ? 1 : 0) | (inValue ? 2 : 0)
    }

    static func isTokenByte(_ byte: UInt8) -> Bool { classes[Int(byte)] & 1 != 0 }

    /// Horizontal tab, visible ASCII, space, and bytes from 0x80 up (obs-text).
    static func isValueByte(_ byte: UInt8) -> Bool { byte >= 32 ? byte != 127 : byte == 9 }

    static func isToken(_ bytes: some Sequence<UInt8>) -> Bool {
        var count = 0
        for byte in bytes {
            guard isTokenByte(byte) else { return false }
            count += 1
        }
        return count > 0
    }

    static func isFieldValue(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.allSatisfy(isValueByte)
    }

    /// Whether these bytes may stand in a field value.
    ///
    /// Eight at a time, since an access token is a long value: the high bit of a lane is set when its byte is below 0x20
    /// or 0x7F (a borrow can only make a lane beside a real hit look like one), and only then each byte is looked at.
    static func isFieldValue(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
        bytes.withUnsafeBytes { bytes in
            let ones: UInt64 = 0x0101_0101_0101_0101
            let highs: UInt64 = 0x8080_8080_8080_8080
            var index = range.lowerBound
            while index &+ 8 <= range.upperBound {
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                let deletes = word ^ ones &* 0x7F
                let hits = ((word &- ones &* 0x20) & ~word) | ((deletes &- ones) & ~deletes)
                if hits & highs != 0, !bytes[index..<index &+ 8].allSatisfy(isValueByte) { return false }
                index &+= 8
            }
            while index < range.upperBound {
                guard isValueByte(bytes[index]) else { return false }
                index &+= 1
            }
            return true
        }
    }

    /// Compares two bytes of a field name.
    static func equalIgnoringCase(_ left: UInt8, _ right: UInt8) -> Bool {
        left == right || lowercased(left) == lowercased(right)
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= 65 && byte <= 90 ? byte | 0x20 : byte
    }

    /// Fields of an answer that the server alone decides: framing, connection, date, request id.
    static func isServerField(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: equal(name, "date")
        case 10: equal(name, "connection") || equal(name, "keep-alive")
        case 12: equal(name, "x-request-id")
        case 14: equal(name, "content-length")
        case 17: equal(name, "transfer-encoding")
        default: false
        }
    }

    private static func equal(_ left: String, _ right: StaticString) -> Bool {
        right.withUTF8Buffer { left.utf8.elementsEqual($0, by: equalIgnoringCase) }
    }
}
