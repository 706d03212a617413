import JOSE

/// The secrets of confidential clients: RFC 6749 §2.3.1, §10.1.
///
/// A digest without cost protects only what cannot be guessed, so a secret is 256 random bits made here, or one from
/// elsewhere that looks no weaker.
enum ClientSecret {
    /// A new one: 43 characters of base64url.
    static func generate(_ random: some RandomSource) -> String {
        Base64URL.encode(random.bytes(32))
    }

    /// The fewest characters of one that was made elsewhere.
    static let minimumLength = 32
    /// The most.
    static let maximumLength = 512

    /// What keeps a secret from elsewhere from being accepted; nil where nothing does.
    static func weakness(of secret: String) -> String? {
        let bytes = Array(secret.utf8)
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return "the secret must be printable ASCII without spaces"
        }
        guard (minimumLength...maximumLength).contains(bytes.count) else {
            return "the secret must have \(minimumLength) to \(maximumLength) characters, and it has \(bytes.count)"
        }
        guard Set(bytes).count >= 8, !isPeriodic(bytes), !isRun(bytes) else {
            return "the secret repeats itself; make one with: openssl rand -base64 32"
        }
        return nil
    }

    /// Whether the same piece comes again and again: nothing but its first round is secret.
    private static func isPeriodic(_ bytes: [UInt8]) -> Bool {
        (1...(bytes.count / 2)).contains { period in
            zip(bytes, bytes.dropFirst(period)).allSatisfy { $0 == $1 }
        }
    }

    /// Whether most characters follow from the one before: `abcdef…`, `aaabbb…`, `987654…`.
    private static func isRun(_ bytes: [UInt8]) -> Bool {
        let steps = zip(bytes, bytes.dropFirst()).count { abs(Int($0) - Int($1)) <= 1 }
        return steps * 2 > bytes.count
    }
}
