// Strings: RFC 8259 §7, with the code points that RFC 7493 §2.1 takes away.
extension JSONReader {
    /// Reads a string, standing on its opening quote.
    mutating func readString(_ text: Span<UInt8>) throws(JSONError) -> String {
        position += 1
        let start = position
        let plain = text.withUnsafeBytes { JSONReader.firstSpecial(in: $0, from: start) }
        if plain < text.count, text[plain] == ASCII.quote {
            position = plain + 1
            return String(copying: UTF8Span(unchecked: text.extracting(start..<plain), isKnownASCII: true))
        }
        if try skipPlain(text) == ASCII.quote {
            defer { position += 1 }
            return String(copying: UTF8Span(unchecked: text.extracting(start..<position)))
        }
        return try readEscapedString(text, from: start)
    }

    private mutating func readEscapedString(_ text: Span<UInt8>, from start: Int) throws(JSONError) -> String {
        var bytes: [UInt8] = []
        var copied = start
        while true {
            text.extracting(copied..<position).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
            if text[position] == ASCII.quote { break }
            let escape = position
            let scalar = try readEscape(text)
            guard !isNoncharacter(scalar.value) else { throw JSONError(.noncharacter, at: escape) }
            bytes.append(contentsOf: scalar.utf8)
            copied = position
            _ = try skipPlain(text)
        }
        position += 1
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Moves to the next quote or backslash and returns it.
    private mutating func skipPlain(_ text: Span<UInt8>) throws(JSONError) -> UInt8 {
        while true {
            position = text.withUnsafeBytes { JSONReader.firstSpecial(in: $0, from: position) }
            guard position < text.count else { throw JSONError(.unexpectedEnd, at: position) }
            let byte = text[position]
            if byte == ASCII.quote || byte == ASCII.backslash { return byte }
            if byte < 0x20 { throw JSONError(.controlCharacter, at: position) }
            // Only three and four byte sequences hold noncharacters, and only these lead bytes among the first.
            if byte >= 0xEF { try refuseNoncharacter(text) }
            position += 1
        }
    }

    /// Place of the next byte that may be more than plain ASCII, or the end.
    ///
    /// Eight bytes at a time: the high bit of a lane is set when the byte is above 0x7F, below 0x20 (x − 0x20 borrows), a
    /// quote or a backslash (x − 1 borrows only from zero). A borrow that runs into the next lane comes from a hit, and
    /// the first one counts.
    private static func firstSpecial(in text: UnsafeRawBufferPointer, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while index &+ 8 <= text.count {
            let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let quote = word ^ ones &* UInt64(ASCII.quote)
            let backslash = word ^ ones &* UInt64(ASCII.backslash)
            let hits = (word | (word &- ones &* 0x20) | (quote &- ones) | (backslash &- ones)) & highs
            if hits != 0 { return index &+ hits.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < text.count, text[index] >= 0x20, text[index] < 0x80, text[index] != ASCII.quote,
            text[index] != ASCII.backslash
        {
            index &+= 1
        }
        return index
    }

    /// The text is known to be UTF-8, so the bytes that follow a lead byte are there.
    private func refuseNoncharacter(_ text: Span<UInt8>) throws(JSONError) {
        func low(_ distance: Int) -> UInt32 { UInt32(text[position + distance] & 0x3F) }
        let lead = UInt32(text[position])
        let scalar =
            lead == 0xEF
            ? 0xF000 | low(1) << 6 | low(2)
            : (lead & 0x07) << 18 | low(1) << 12 | low(2) << 6 | low(3)
        if isNoncharacter(scalar) { throw JSONError(.noncharacter, at: position) }
    }

    private func isNoncharacter(_ scalar: UInt32) -> Bool {
        scalar & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(scalar)
    }

    /// Reads one escape, standing on its backslash; a surrogate pair counts as one.
    private mutating func readEscape(_ text: Span<UInt8>) throws(JSONError) -> Unicode.Scalar {
        let start = position
        position += 1
        let letter = try peek(text)
        position += 1
        switch letter {
        case ASCII.quote, ASCII.backslash, UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw JSONError(.invalidEscape, at: start)
        }
        let unit = try readFourHexDigits(text)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard
            unit < 0xDC00, position + 1 < text.count,
            text[position] == ASCII.backslash, text[position + 1] == UInt8(ascii: "u")
        else { throw JSONError(.loneSurrogate, at: start) }
        position += 2
        let second = try readFourHexDigits(text)
        guard
            (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        else { throw JSONError(.loneSurrogate, at: start) }
        return scalar
    }

    private mutating func readFourHexDigits(_ text: Span<UInt8>) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let byte = try peek(text)
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "A") + 10)
            default: throw JSONError(.invalidEscape, at: position)
            }
            position += 1
        }
        return unit
    }
}
