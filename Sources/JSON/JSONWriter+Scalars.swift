extension JSONWriter {
    /// Writes `null`.
    @inlinable
    public mutating func null() { append("null") }

    /// Writes `true` or `false`.
    @inlinable
    public mutating func bool(_ value: Bool) { append(value ? "true" : "false") }

    /// Writes a number; `null` in place of infinity and NaN, which JSON lacks.
    public mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        // The shortest spelling that reads back as the same double, and always within the grammar of RFC 8259 §6.
        bytes.append(contentsOf: value.description.utf8)
    }

    /// Writes an integer.
    public mutating func integer(_ value: Int64) {
        if value < 0 { bytes.append(ASCII.minus) }
        var rest = value.magnitude
        var digits = InlineArray<20, UInt8>(repeating: 0)  // 2^64 has 20 digits
        var first = digits.count
        repeat {
            first -= 1
            digits[first] = ASCII.zero + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        while first < digits.count {
            bytes.append(digits[first])
            first += 1
        }
    }

    @inlinable
    mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
