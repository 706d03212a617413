/// Base64 with the alphabet for URLs and without padding: RFC 4648 §5, as RFC 7515 §2 uses it.
public enum Base64URL {
    /// Encodes bytes as text.
    public static func encode(_ bytes: Span<UInt8>) -> String {
        String(unsafeUninitializedCapacity: encodedCount(bytes.count)) { write(bytes, to: $0) }
    }

    /// Encodes bytes as text.
    public static func encode(_ bytes: [UInt8]) -> String { encode(bytes.span) }

    /// Encodes bytes to the end of a buffer.
    public static func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
        let count = encodedCount(bytes.count)
        text.append(
            contentsOf: [UInt8](unsafeUninitializedCapacity: count) { $1 = write(bytes, to: $0) })
    }

    /// How many characters that many bytes become.
    static func encodedCount(_ count: Int) -> Int { count / 3 * 4 + (count % 3 * 8 + 5) / 6 }

    /// Encodes bytes to the beginning of a buffer that has room for them, and answers how many characters that made.
    static func write(_ bytes: Span<UInt8>, to text: UnsafeMutableBufferPointer<UInt8>) -> Int {
        alphabet.withUnsafeBufferPointer { alphabet in
            var written = 0
            func put(_ bits: UInt32, _ shift: UInt32) {
                text[written] = alphabet[Int(bits &>> shift & 0x3F)]
                written &+= 1
            }
            var index = 0
            while index &+ 3 <= bytes.count {
                let bits = UInt32(bytes[index]) << 16 | UInt32(bytes[index &+ 1]) << 8 | UInt32(bytes[index &+ 2])
                put(bits, 18)
                put(bits, 12)
                put(bits, 6)
                put(bits, 0)
                index &+= 3
            }
            if bytes.count &- index == 1 {
                let bits = UInt32(bytes[index]) << 16
                put(bits, 18)
                put(bits, 12)
            } else if bytes.count &- index == 2 {
                let bits = UInt32(bytes[index]) << 16 | UInt32(bytes[index &+ 1]) << 8
                put(bits, 18)
                put(bits, 12)
                put(bits, 6)
            }
            return written
        }
    }

    static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
