import JSON

@testable import JOSE

/// Keys and tokens that the tests of JWE share.
enum EncryptionExamples {
    /// One key of each kind, made once: RSA takes its time.
    static let keys: [DecryptionKey.Kind: DecryptionKey] = {
        var keys: [DecryptionKey.Kind: DecryptionKey] = [:]
        for kind in DecryptionKey.Kind.allCases { keys[kind] = try? DecryptionKey.generate(kind) }
        return keys
    }()

    /// A token with any header over any content, encrypted rightly under a shared key: what an attacker with a key of
    /// his own could send.
    static func token(
        header: String, plaintext: String = "content", key: SharedEncryptionKey, _ encryption: ContentEncryption
    ) throws(JOSEError) -> String {
        try token(header: header, plaintext: plaintext, contentKey: key.contentKey(encryption), encryption)
    }

    static func token(
        header: String, plaintext: String = "content", contentKey: ContentKey, _ encryption: ContentEncryption
    ) throws(JOSEError) -> String {
        let header = Base64URL.encode(Array(header.utf8))
        let vector = SystemRandom().bytes(encryption.vectorCount)
        let sealed = try encryption.encrypt(
            plaintext.utf8.span, under: contentKey.secret, vector: vector, authenticating: Array(header.utf8))
        return ([header] + [contentKey.encrypted, vector, sealed.ciphertext, sealed.tag].map { Base64URL.encode($0) })
            .joined(separator: ".")
    }

    /// A shared key from bytes that stay the same.
    static func shared(_ algorithm: KeyManagementAlgorithm, count: Int) throws(JOSEError) -> SharedEncryptionKey {
        try SharedEncryptionKey(Secret([UInt8](repeating: 7, count: count)), algorithm: algorithm)
    }
}

extension DecryptedJWE {
    /// The content as text.
    var text: String {
        plaintext.withBytes { bytes in
            bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        }
    }
}
