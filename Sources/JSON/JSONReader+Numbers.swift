// Numbers: RFC 8259 §6, within what RFC 7493 §2.2 lets two programs agree on.
extension JSONReader {
    private static let largestSafeInteger: UInt64 = 1 << 53 - 1
    private static let longestNumber = 1000

    /// Reads a number, standing on its minus or first digit.
    mutating func readNumber(_ text: Span<UInt8>) throws(JSONError) -> JSONValue {
        let start = position
        let isNegative = try take(ASCII.minus, text)
        let firstDigit = position
        try skipDigits(text)
        // A number may not start with a zero that says nothing.
        if text[firstDigit] == ASCII.zero, position > firstDigit + 1 { throw JSONError(.invalidNumber, at: firstDigit) }
        let integerEnd = position

        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            try skipDigits(text)
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == ASCII.minus {
                position += 1
            }
            try skipDigits(text)
        }

        if position == integerEnd, let magnitude = safeInteger(text.extracting(firstDigit..<integerEnd)) {
            return .integer(isNegative ? -magnitude : magnitude)
        }
        guard position - start <= Self.longestNumber else { throw JSONError(.numberOutOfRange, at: start) }
        let spelling = String(copying: UTF8Span(unchecked: text.extracting(start..<position)))
        guard let number = Double(spelling), number.isFinite else { throw JSONError(.numberOutOfRange, at: start) }
        return .number(number)
    }

    /// Moves over at least one digit.
    private mutating func skipDigits(_ text: Span<UInt8>) throws(JSONError) {
        let start = position
        while position < text.count, (ASCII.zero...ASCII.nine).contains(text[position]) { position += 1 }
        guard position > start else {
            throw JSONError(position < text.count ? .invalidNumber : .unexpectedEnd, at: position)
        }
    }

    private func safeInteger(_ digits: Span<UInt8>) -> Int64? {
        guard digits.count <= 16 else { return nil }  // 2^53 has 16 digits
        var value: UInt64 = 0
        for index in digits.indices { value = value * 10 + UInt64(digits[index] - ASCII.zero) }
        return value <= Self.largestSafeInteger ? Int64(value) : nil
    }
}
