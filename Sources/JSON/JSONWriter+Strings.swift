extension JSONWriter {
    /// Writes a string.
    public mutating func string(_ value: String) { string(utf8: value.utf8.span) }

    /// Writes a string given as UTF-8, for which the caller vouches.
    ///
    /// Escaped is what RFC 8259 §7 demands, and `<`: the text stays harmless when it ends up inside a script element.
    public mutating func string(utf8 value: Span<UInt8>) {
        value.withUnsafeBytes { value in
            bytes.append(ASCII.quote)
            var copied = 0
            var index = 0
            while index < value.count {
                index = firstSpecial(in: value, from: index)
                bytes.append(contentsOf: value[copied..<index])
                guard index < value.count else { break }
                escape(value[index])
                index += 1
                copied = index
            }
            bytes.append(ASCII.quote)
        }
    }

    /// Place of the next byte to escape, or the end.
    ///
    /// Eight bytes at a time, since tokens and URLs have none: the high bit of a lane is set when the byte is below
    /// 0x20 or one of the three (x − 0x01 borrows only from a zero lane, ~x keeps bytes above 0x7F out of it). A borrow
    /// may run into the next lane, but only from a lane that is a hit itself, and the exact place is looked for bytewise.
    private func firstSpecial(in value: UnsafeRawBufferPointer, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while index &+ 8 <= value.count {
            let word = value.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            func zeroLanes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }
            let hits =
                ((word &- ones &* 0x20) & ~word)
                | zeroLanes(word ^ ones &* UInt64(ASCII.quote))
                | zeroLanes(word ^ ones &* UInt64(ASCII.backslash))
                | zeroLanes(word ^ ones &* UInt64(UInt8(ascii: "<")))
            if hits & highs != 0 { break }
            index &+= 8
        }
        while index < value.count, !Self.isSpecial(value[index]) { index &+= 1 }
        return index
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == ASCII.quote || byte == ASCII.backslash || byte == UInt8(ascii: "<")
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(ASCII.backslash)
        switch byte {
        case ASCII.quote, ASCII.backslash: bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            append("u00")
            bytes.append(hexDigit(byte >> 4))
            bytes.append(hexDigit(byte & 0x0F))
        }
    }

    private func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? ASCII.zero + value : UInt8(ascii: "a") + value - 10
    }
}
