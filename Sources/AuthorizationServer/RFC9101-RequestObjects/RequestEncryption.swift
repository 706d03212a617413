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

        private var all: [DecryptionKey] { [current].compactMap(\.self) + others }

        func decryptionKey(withID keyID: String?, for algorithm: KeyManagementAlgorithm) -> DecryptionKey? {
            guard let keyID else { return current }
            return all.first { $0.keyID.utf8.elementsEqual(keyID.utf8) }
        }

        /// The most that are tried for what names none.
        private static let tries = 4

        /// What was encrypted to one of them: to the one that it names; where it names none, as it need not (RFC 7516
        /// §4.1.6), to the current one or to one that was current when the client last looked.
        func opened(_ token: CompactJWE) throws(JOSEError) -> DecryptedJWE {
            guard token.header.keyID == nil else { return try token.decrypted(with: self, allowing: expectation) }
            var failure = JOSEError.unknownKey
            for key in all.prefix(Keys.tries) {
                do throws(JOSEError) {
                    return try token.decrypted(with: key, allowing: expectation)
                } catch {
                    failure = error
                }
            }
            throw failure
        }
    }
}

extension SigningKeyRecord {
    /// Whether it signs nothing: clients encrypt request objects to it.
    public var isForRequests: Bool { algorithm == RequestEncryption.recorded }
}
