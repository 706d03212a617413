extension Base64URL {
    /// Decodes text that is exactly what `encode` writes; `nil` for anything else.
    ///
    /// No padding, no white space, no other alphabet, and unused bits are zero (RFC 4648 §3.5): or one token would have
    /// several spellings, each with a digest of its own.
    public static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        let rest = text.count % 4
        guard rest != 1 else { return nil }
        let count = text.count / 4 * 3 + (rest == 0 ? 0 : rest - 1)
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { bytes, written in
            isValid = read(text, into: bytes)
            written = isValid ? count : 0
        }
        return isValid ? bytes : nil
    }

    /// Decodes text that is exactly what `encode` writes; `nil` for anything else.
    public static func decode(_ text: String) -> [UInt8]? { decode(text.utf8.span) }

    private static func read(_ text: Span<UInt8>, into bytes: UnsafeMutableBufferPointer<UInt8>) -> Bool {
        values.withUnsafeBufferPointer { values in
            func value(_ index: Int) -> UInt32 { UInt32(values[Int(text[index])]) }
            var all: UInt32 = 0  // of an invalid character the high bit stays here
            var index = 0
            var written = 0
            while index &+ 4 <= text.count {
                let (a, b, c, d) = (value(index), value(index &+ 1), value(index &+ 2), value(index &+ 3))
                all |= a | b | c | d
                let bits = a << 18 | b << 12 | c << 6 | d
                bytes[written] = UInt8(truncatingIfNeeded: bits >> 16)
                bytes[written &+ 1] = UInt8(truncatingIfNeeded: bits >> 8)
                bytes[written &+ 2] = UInt8(truncatingIfNeeded: bits)
                index &+= 4
                written &+= 3
            }
            switch text.count &- index {
            case 2:
                let (a, b) = (value(index), value(index &+ 1))
                all |= a | b
                if b & 0x0F != 0 { return false }
                bytes[written] = UInt8(truncatingIfNeeded: a << 2 | b >> 4)
            case 3:
                let (a, b, c) = (value(index), value(index &+ 1), value(index &+ 2))
                all |= a | b | c
                if c & 0x03 != 0 { return false }
                bytes[written] = UInt8(truncatingIfNeeded: a << 2 | b >> 4)
                bytes[written &+ 1] = UInt8(truncatingIfNeeded: b << 4 | c >> 2)
            default: break
            }
            return all & 0x80 == 0
        }
    }

    /// The six bits of a character, 0x80 for what is none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0x80, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()
}
