/// The two spellings of an ECDSA signature on P-256: r‖s of fixed length (RFC 7518 §3.4), and the ASN.1 sequence that
/// libcrypto speaks (RFC 3279 §2.2.3).
enum ECDSASignature {
    private static let sequence: UInt8 = 0x30
    private static let integer: UInt8 = 0x02

    /// The sequence; `nil` unless there are 64 bytes, with r and s from 1 to the order less one.
    static func der(fromFixed signature: Span<UInt8>) -> [UInt8]? {
        guard signature.count == 2 * P256.size else { return nil }
        var body: [UInt8] = []
        body.reserveCapacity(72)
        body.append(sequence)
        body.append(0)
        for start in [0, P256.size] {
            let half = signature.extracting(start..<start + P256.size)
            guard isInRange(half) else { return nil }
            append(half, to: &body)
        }
        body[1] = UInt8(body.count - 2)
        return body
    }

    /// r‖s; `nil` for anything but two integers of at most 32 bytes.
    static func fixed(fromDER bytes: Span<UInt8>) -> [UInt8]? {
        guard bytes.count >= 2, bytes[0] == sequence, Int(bytes[1]) == bytes.count - 2 else { return nil }
        var fixed = [UInt8](repeating: 0, count: 2 * P256.size)
        var position = 2
        for end in [P256.size, 2 * P256.size] {
            guard position + 2 <= bytes.count, bytes[position] == integer else { return nil }
            var start = position + 2
            let next = start + Int(bytes[position + 1])
            guard next <= bytes.count else { return nil }
            while start < next, bytes[start] == 0 { start += 1 }
            guard next - start <= P256.size else { return nil }
            for index in start..<next { fixed[end - next + index] = bytes[index] }
            position = next
        }
        return position == bytes.count ? fixed : nil
    }

    private static func isInRange(_ half: Span<UInt8>) -> Bool {
        var isZero = true
        for index in half.indices where half[index] != 0 { isZero = false }
        guard !isZero else { return false }
        for index in half.indices where half[index] != P256.order[index] { return half[index] < P256.order[index] }
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
