internal import COpenSSL

/// The curve of Ed25519, as far as telling its points apart: RFC 8032 §5.1.
enum EdwardsCurve {
    /// Whether the curve has a point with this `y` (little-endian): §5.1.3, steps 1 to 3.
    ///
    /// libcrypto takes any 32 bytes for a public key and would only refuse each signature. x² = (y² - 1) / (dy² + 1)
    /// has a root if and only if (y² - 1)(dy² + 1) has one, and d is -121665/121666: with both sides times 121666, that
    /// is 121666 (y² - 1)(121666 - 121665 y²).
    static func hasPoint(y: [UInt8]) -> Bool {
        guard let context = BN_CTX_new() else { return false }
        defer { BN_CTX_free(context) }
        BN_CTX_start(context)
        defer { BN_CTX_end(context) }
        let numbers = (0..<4).compactMap { _ in BN_CTX_get(context) }
        guard numbers.count == 4 else { return false }
        let (prime, square, left, right) = (numbers[0], numbers[1], numbers[2], numbers[3])
        let isComputed =
            BN_set_bit(prime, 255) == 1 && BN_sub_word(prime, 19) == 1
            && BN_lebin2bn(y, Int32(y.count), square) != nil
            && BN_mod_sqr(square, square, prime, context) == 1
            && BN_copy(left, square) != nil && BN_sub_word(left, 1) == 1 && BN_mul_word(left, 121_666) == 1
            && BN_mul_word(square, 121_665) == 1 && BN_set_word(right, 121_666) == 1
            && BN_mod_sub(right, right, square, prime, context) == 1
            && BN_mod_mul(left, left, right, prime, context) == 1
        let symbol = isComputed ? BN_kronecker(left, prime, context) : -2
        if symbol < -1 { OpenSSLErrors.clear() }
        return symbol == 0 || symbol == 1
    }
}
