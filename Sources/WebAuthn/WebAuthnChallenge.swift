public import JOSE

/// What an authenticator is to sign, once: WebAuthn §13.4.3.
public struct WebAuthnChallenge: Sendable, Hashable {
    /// The random bytes.
    public let bytes: [UInt8]

    /// How many bytes a fresh challenge has.
    public static let count = 32
    /// With fewer bytes no answer is taken (§13.4.3).
    public static let fewest = 16

    /// A challenge from storage.
    ///
    /// One of fewer than 16 bytes can be made and sent, but no answer to it is taken: `shortChallenge`.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// A fresh challenge.
    public init(from random: some RandomSource) { bytes = random.bytes(Self.count) }

    /// The bytes in base64url, as client data has them.
    public var text: String { Base64URL.encode(bytes) }
}
