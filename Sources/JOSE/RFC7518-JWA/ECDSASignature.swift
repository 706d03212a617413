/// The two spellings of an ECDSA signature: r‖s of fixed length (RFC 7518 §3.4), and the ASN.1 sequence that libcrypto
/// speaks (RFC 3279 §2.2.3).
enum ECDSASignature {
    private static let sequence: UInt8 = 0x30
    private static let integer: UInt8 = 0x02
    /// Announces one byte of length, which only P-521 needs.
    private static let longLength: UInt8 = 0x81

    /// The longest sequence, that of P-521, in bytes.
    static let longest = 3 + 2 * (2 + 1 + 66)

    /// The sequence; `nil` unless there are two halves of the right length, r and s from 1 to the order less one.
    static func der(fromFixed signature: Span<UInt8>, on curve: EllipticCurve) -> [UInt8]? {
        let size = curve.size
        guard signature.count == 2 * size else { return nil }
        var body: [UInt8] = []
        body.reserveCapacity(2 * size + 9)
        body.append(sequence)
        body.append(0)
        for start in [0, size] {
            let half = signature.extracting(start..<start + size)
            guard isInRange(half, below: curve.order) else { return nil }
            append(half, to: &body)
        }
        let count = body.count - 2
        if count < 0x80 {
            body[1] = UInt8(count)
        } else {
            body[1] = longLength
            body.insert(UInt8(count), at: 2)
        }
        return body
    }

    /// r‖s; `nil` for anything but two integers that fit.
    static func fixed(fromDER bytes: Span<UInt8>, on curve: EllipticCurve) -> [UInt8]? {
        let size = curve.size
        guard bytes.count >= 3, bytes[0] == sequence else { return nil }
        var position = bytes[1] == longLength ? 3 : 2
        guard Int(bytes[position - 1]) == bytes.count - position else { return nil }
        var fixed = [UInt8](repeating: 0, count: 2 * size)
        for end in [size, 2 * size] {
            guard position + 2 <= bytes.count, bytes[position] == integer else { return nil }
            var start = position + 2
            let next = start + Int(bytes[position + 1])
            guard next <= bytes.count else { return nil }
            while start < next, bytes[start] == 0 { start += 1 }
            guard next - start <= size else { return nil }
            for index in start..<next { fixed[end - next + index] = bytes[index] }
            position = next
        }
        return position == bytes.count ? fixed : nil
    }

    private static func isInRange(_ half: Span<UInt8>, below order: [UInt8]) -> Bool {
        var isZero = true
        for index in half.indices where half[index] != 0 { isZero = false }
        guard !isZero else { return false }
        for index in half.indices where half[index] != order[index] { return half[index] < order[index] }
        return false
    }

    private static func append(_ half: Span<UInt8>, to body: inout [UInt8]) {
        var start = 0
        while start < half.count, half[start] == 0 { start += 1 }
        let isHigh = half[start] & 0x80 != 0  // would read as negative
        body.append(integer)
        body.append(UInt8(half.count - start + (isHigh ? 1 : 0)))
        if isHigh { body.append(0) }
        for index in start..<half.count { body.append(half[index]) }
    }
}
