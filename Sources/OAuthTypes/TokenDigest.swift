/// The SHA-256 digest under which a secret (code, session cookie, client secret) is stored: the secret itself never is.
public struct TokenDigest: Sendable, Hashable {
    /// 32 bytes.
    public let bytes: [UInt8]

    /// Nil unless there are exactly 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }
}
