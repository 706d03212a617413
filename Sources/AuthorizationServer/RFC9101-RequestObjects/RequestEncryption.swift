import JOSE
public import Stores

/// What clients encrypt request objects with: RFC 9101 §6.1.
///
/// One kind of key, on P-256: it costs microseconds where RSA costs a millisecond to whoever has it, and strangers choose
/// when.
enum RequestEncryption {
    /// What records of these keys have as their algorithm; the key serves the others of its kind, too.
    static let recorded = KeyManagementAlgorithm.ecdhES.rawValue

    /// Ways to encrypt the key of the content.
    static let algorithms: [KeyManagementAlgorithm] = [.ecdhES, .ecdhESA128KW, .ecdhESA256KW]

    static let expectation = JWEExpectation(algorithms: Set(algorithms))

    /// The keys that open what was encrypted to us.
    struct Keys: DecryptionKeys {
        /// The one that is published.
        let current: DecryptionKey?
        /// Those that were, or will be.
        let others: [DecryptionKey]

        func decryptionKey(withID keyID: String?, for algorithm: KeyManagementAlgorithm) -> DecryptionKey? {
            guard let keyID else { return current }
            return ([current].compactMap(\.self) + others).first { $0.keyID.utf8.elementsEqual(keyID.utf8) }
        }
    }
}

extension SigningKeyRecord {
    /// Whether it signs nothing: clients encrypt request objects to it.
    public var isForRequests: Bool { algorithm == RequestEncryption.recorded }
}
