internal import COpenSSL

/// What is kept ready for encrypting to one public key.
enum EncryptionContexts: Sendable {
    case rsa(RSAOAEP.Contexts)
    /// Contexts that make ephemeral keys on the curve.
    case agreement(ContextPool)

    init(_ key: EncryptionKey) {
        switch key.material.shape {
        case .rsa: self = .rsa(RSAOAEP.Contexts(key.material.key, .encrypt))
        case .ec, .okp: self = .agreement(ContextPool(key.material.key) { EVP_PKEY_keygen_init($0) == 1 })
        }
    }

    /// A fresh key for one message.
    func contentKey(
        to key: EncryptionKey, _ algorithm: KeyManagementAlgorithm, _ encryption: ContentEncryption
    ) throws(JOSEError) -> ContentKey {
        switch self {
        case .rsa(let contexts):
            guard let padding = RSAOAEP(algorithm) else { throw .libraryFailure }
            let secret = Secret(SystemRandom().bytes(encryption.keyCount))
            return ContentKey(secret: secret, encrypted: try contexts.encrypt(secret, padding))
        case .agreement(let contexts):
            let ephemeralKey = try EphemeralKey(contexts, on: key.material.shape)
            let derived = try ephemeralKey.agree(with: key.material.key)
                .derive(for: algorithm, encryption, partyU: [], partyV: [])
            guard algorithm.wrappingKeyCount != nil else {
                return ContentKey(secret: derived, ephemeralKey: ephemeralKey)
            }
            let secret = Secret(SystemRandom().bytes(encryption.keyCount))
            return ContentKey(
                secret: secret, encrypted: try AESKeyWrap.wrap(secret, under: derived),
                ephemeralKey: ephemeralKey)
        }
    }
}

/// The key of one message's content, and how it travels.
struct ContentKey {
    let secret: Secret
    /// Empty where the key is agreed on or shared.
    var encrypted: [UInt8] = []
    var ephemeralKey: EphemeralKey?
}

extension EncryptionKey {
    /// The algorithms that the key is good for: those of its type, or of them the one its owner restricted it to.
    public var algorithms: [KeyManagementAlgorithm] {
        let family: [KeyManagementAlgorithm] =
            switch material.shape {
            case .rsa: [.rsaOAEP256, .rsaOAEP]
            case .ec, .okp: [.ecdhES, .ecdhESA128KW, .ecdhESA256KW]
            }
        return family.filter { algorithm == nil || $0.rawValue == algorithm }
    }

    /// Whether the key is good for an algorithm.
    func allows(_ algorithm: KeyManagementAlgorithm) -> Bool { algorithms.contains(algorithm) }
}
