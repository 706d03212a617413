/// Text in lines that every mail server takes: RFC 2045 §6.7.
enum QuotedPrintable {
    private static let digits = Array("0123456789ABCDEF".utf8)
    /// RFC 2045 §6.7 (5): characters of a line, the soft line break included.
    private static let lineLimit = 76

    /// The text with `CRLF` line ends, whatever ends its lines now; the last one is ended too.
    static func encode(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        let bytes = Array(text.utf8)
        var column = 0
        func put(_ encoded: [UInt8], endsLine: Bool) {
            if column + encoded.count > (endsLine ? lineLimit : lineLimit - 1) {
                output += Array("=\r\n".utf8)
                column = 0
            }
            output += encoded
            column += encoded.count
        }
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : UInt8(ascii: "\n")
            index += 1
            if byte == UInt8(ascii: "\r"), next == UInt8(ascii: "\n"), index < bytes.count { continue }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                output += Array("\r\n".utf8)
                column = 0
                continue
            }
            let isLast = next == UInt8(ascii: "\n") || next == UInt8(ascii: "\r")
            // A blank at the end of a line may get lost on the way (rule 3).
            let isPlain =
                (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=")
                || (byte == 0x20 || byte == 0x09) && !isLast
            put(
                isPlain ? [byte] : [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]], endsLine: isLast
            )
        }
        if column > 0 { output += Array("\r\n".utf8) }
        return output
    }
}
