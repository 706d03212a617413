/// Writes numbers as Rice codes: the quotient as ones and a zero, the remainder in a fixed number of bits.
struct RiceWriter {
    private(set) var bytes: [UInt8] = []
    private var pending: UInt8 = 0
    private var pendingBits = 0

    /// Writes a number by its remainder's bits.
    mutating func put(_ number: UInt64, remainderBits: Int) {
        var quotient = number >> UInt64(remainderBits)
        while quotient > 0 {
            put(bit: 1)
            quotient -= 1
        }
        put(bit: 0)
        for shift in stride(from: remainderBits - 1, through: 0, by: -1) {
            put(bit: UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 1)
        }
    }

    private mutating func put(bit: UInt8) {
        pending = pending << 1 | bit
        pendingBits += 1
        if pendingBits == 8 {
            bytes.append(pending)
            (pending, pendingBits) = (0, 0)
        }
    }

    /// Fills the last byte.
    mutating func align() {
        while pendingBits > 0 { put(bit: 0) }
    }

    /// Hands over what is written so far, whole bytes.
    mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }
}

/// Reads Rice codes, whatever the bytes are.
struct RiceReader {
    private let bytes: UnsafeRawBufferPointer
    private var bit: Int
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.bytes = bytes
        bit = range.lowerBound * 8
        end = range.upperBound * 8
    }

    private mutating func next() -> UInt64? {
        guard bit < end else { return nil }
        defer { bit += 1 }
        return UInt64(bytes[bit >> 3] >> UInt8(7 - bit & 7)) & 1
    }

    /// The next number; nil where the bytes end in it or it is too large.
    mutating func number(remainderBits: Int) -> UInt64? {
        var quotient: UInt64 = 0
        while let one = next(), one == 1 { quotient += 1 }
        guard bit < end || remainderBits == 0, quotient <= UInt64.max >> UInt64(remainderBits) else { return nil }
        var number = quotient
        for _ in 0..<remainderBits {
            guard let bit = next() else { return nil }
            number = number << 1 | bit
        }
        return number
    }
}
