import JOSE

/// Secrets of authenticator apps that come from elsewhere.
enum TOTPSecret {
    /// What an app that was set up elsewhere is worth here: it goes on working where its codes are the ones that we make.
    static func factor(
        isCounted: Bool, algorithm: String, digits: Int64?, period: Int64?, secret: [UInt8]?
    ) -> PersonDraft.SecondFactor {
        guard !isCounted else { return .unusable("hotp") }
        guard ["SHA1", "SHA-1", "HMACSHA1"].contains(algorithm.uppercased()) else {
            return .unusable("totp with another hash than SHA-1")
        }
        guard digits ?? 6 == Int64(TOTP.digits) else { return .unusable("totp with another number of digits than six") }
        guard period ?? 30 == TOTP.period else { return .unusable("totp with another period than 30 seconds") }
        // RFC 4226 §4 asks for 128 bits; apps of older days have 80.
        guard let secret, (10...128).contains(secret.count) else { return .unusable("totp with an unfit secret") }
        return .totp(Secret(secret))
    }
}
