extension Base64URL {
    /// Decodes text that is exactly what `encode` writes; `nil` for anything else.
    ///
    /// No padding, no white space, no other alphabet, and unused bits are zero (RFC 4648 §3.5): or one token would have
    /// several spellings, each with a digest of its own.
    public static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard let count = decodedCount(text.count) else { return nil }
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { bytes, written in
            isValid = read(text, into: bytes)
            written = isValid ? count : 0
        }
        return isValid ? bytes : nil
    }

    /// Decodes text that is exactly what `encode` writes; `nil` for anything else.
    public static func decode(_ text: String) -> [UInt8]? { decode(text.utf8.span) }

    /// How many bytes that many characters are; `nil` if it cannot be so many.
    static func decodedCount(_ count: Int) -> Int? {
        let rest = count % 4
        return rest == 1 ? nil : count / 4 * 3 + (rest == 0 ? 0 : rest - 1)
    }

    /// Decodes to a buffer of exactly `decodedCount` bytes; `false` for what `encode` does not write.
    static func read(_ text: Span<UInt8>, into bytes: UnsafeMutableBufferPointer<UInt8>) -> Bool {
        // Four characters are one table look-up each and then three bytes at once: half the work of single ones.
        text.withUnsafeBufferPointer { text in
            places.withUnsafeBufferPointer { places in
                func bits(_ index: Int, _ place: Int) -> UInt32 { places[place &* 256 &+ Int(text[index])] }
                let output = UnsafeMutableRawBufferPointer(bytes)
                var all: UInt32 = 0  // of an invalid character the high bit stays here
                var index = 0
                var written = 0
                // The fourth byte of each store is the first of the next, so there has to be room for it.
                while written &+ 4 <= output.count {
                    let group = bits(index, 0) | bits(index &+ 1, 1) | bits(index &+ 2, 2) | bits(index &+ 3, 3)
                    all |= group
                    output.storeBytes(of: group.littleEndian, toByteOffset: written, as: UInt32.self)
                    index &+= 4
                    written &+= 3
                }
                // One to three bytes are left, of two to four characters.
                var last: UInt32 = 0
                for place in 0..<(text.count &- index) { last |= bits(index &+ place, place) }
                while written < output.count {
                    output[written] = UInt8(truncatingIfNeeded: last)
                    last &>>= 8
                    written &+= 1
                }
                // What goes beyond the bytes: unused bits, or the mark of an invalid character.
                return last == 0 && all & invalid == 0
            }
        }
    }

    private static let invalid: UInt32 = 1 << 31

    /// The bits of a character at each of the four places of a group, where they belong in its three bytes, the first of
    /// them lowest; `invalid` for what is none.
    private static let places: [UInt32] = {
        var places = [UInt32](repeating: invalid, count: 4 * 256)
        for (value, character) in alphabet.enumerated() {
            let value = UInt32(value), character = Int(character)
            places[character] = value << 2
            places[256 + character] = value >> 4 | (value & 0x0F) << 12
            places[512 + character] = (value >> 2) << 8 | (value & 0x03) << 22
            places[768 + character] = value << 16
        }
        return places
    }()
}
