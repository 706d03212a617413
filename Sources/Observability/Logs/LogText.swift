/// How text stands in a log line: a JSON string (RFC 8259 §7) in printable ASCII.
///
/// Everything else is escaped, DEL and all of Unicode too. So no text, whoever sent it, can end the line, steer a terminal
/// (C0, C1 and ANSI sequences) or turn the direction of what follows (bidirectional controls), and a line reads the same
/// in every encoding.
enum LogText {
    /// Bytes of a text that are shown; a longer one is cut and ends in `...`.
    static let limit = 1024

    /// The most bytes that a text of that many bytes of UTF-8 takes.
    ///
    /// Six for one is the worst, a control as `\u001b`; scalars of two to four bytes take three for one.
    static func bound(utf8Count: Int) -> Int { 6 * min(utf8Count, limit) + 3 }
}

extension OutputSpan where Element == UInt8 {
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes in
            for byte in bytes { append(byte) }
        }
    }

    /// Appends a text without its quotes.
    mutating func append(escaping text: String) {
        let bytes = text.utf8.span
        guard bytes.count <= LogText.limit else {
            append(escapingScalars: text.unicodeScalars[...], upTo: LogText.limit)
            return append("...")
        }
        for index in bytes.indices {
            let byte = bytes[index]
            // Paths and identifiers are all of this kind. The first byte that is not sends the rest to the slow way.
            guard byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else {
                let rest = text.utf8.index(text.startIndex, offsetBy: index)
                return append(escapingScalars: text.unicodeScalars[rest...], upTo: LogText.limit)
            }
            append(byte)
        }
    }

    /// Appends scalars as long as so many bytes of UTF-8 suffice.
    private mutating func append(escapingScalars scalars: Substring.UnicodeScalarView, upTo limit: Int) {
        var rest = limit
        for scalar in scalars {
            rest -= UTF8.width(scalar)
            guard rest >= 0 else { return }
            switch scalar {
            case "\"", "\\":
                append(UInt8(ascii: "\\"))
                append(UInt8(truncatingIfNeeded: scalar.value))
            case " "..."~":
                append(UInt8(truncatingIfNeeded: scalar.value))
            default:
                for unit in String(scalar).utf16 { append(escape: unit) }
            }
        }
    }

    /// `\u` and four hexadecimal digits.
    private mutating func append(escape unit: UInt16) {
        append("\\u")
        var shift: UInt16 = 16
        while shift > 0 {
            shift &-= 4
            let digit = UInt8(truncatingIfNeeded: unit &>> shift & 0xF)
            append(digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &+ digit &- 10)
        }
    }

    /// Appends the last so many digits of a number, in lower case.
    mutating func append(hexadecimal number: UInt128, digits: Int) {
        for index in (0..<digits).reversed() {
            let digit = UInt8(truncatingIfNeeded: number >> UInt128(index * 4)) & 0xF
            append(digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &+ digit &- 10)
        }
    }

    /// Appends a number in decimal digits.
    mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude, minimumDigits: 1)
    }

    /// Appends a number in decimal digits, with zeros in front up to so many.
    mutating func append(decimal value: UInt64, minimumDigits: Int) {
        var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))  // 2^64 has 20 digits
        var rest = value
        var first = digits.count
        while rest > 0 {
            first &-= 1
            digits[first] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        first = min(first, digits.count - minimumDigits)
        while first < digits.count {
            append(digits[first])
            first &+= 1
        }
    }
}
