internal import COpenSSL

/// The hash function SHA-256 (FIPS 180-4), at once or piece by piece.
///
/// The low-level calls of libcrypto: their state lives on the stack, there is nothing to allocate, fetch or free, and
/// they cannot fail. See shim.h of COpenSSL for what that saves.
public struct SHA256: Sendable {
    private var state = SHA256_CTX()

    /// The digest of nothing yet.
    public init() { SHA256_Init(&state) }

    /// Adds bytes.
    public mutating func update(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBytes { bytes in _ = SHA256_Update(&state, bytes.baseAddress, bytes.count) }
    }

    /// Adds bytes.
    public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    /// The digest of all that was added.
    public func finalize() -> SHA256Digest {
        var state = state
        return SHA256Digest { target in SHA256_Final(target, &state) }
    }

    /// The digest of some bytes.
    public static func digest(of bytes: Span<UInt8>) -> SHA256Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }

    /// The digest of some bytes.
    public static func digest(of bytes: [UInt8]) -> SHA256Digest { digest(of: bytes.span) }

    /// The digest of the UTF-8 of a text.
    public static func digest(of text: String) -> SHA256Digest { digest(of: text.utf8.span) }
}
