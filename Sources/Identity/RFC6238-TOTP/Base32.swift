/// Base 32 without padding: RFC 4648 §6, as people type it into authenticator apps.
enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// Five bits a character, the last one filled up with zeros.
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var pending: UInt32 = 0
        var count = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(alphabet[Int(pending >> UInt32(count) & 31)])
            }
            pending &= (1 << UInt32(count)) - 1
        }
        if count > 0 { text.append(alphabet[Int(pending << UInt32(5 - count) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
