public import JOSE
public import OAuthTypes
public import Stores
import Synchronization

/// The signing keys in memory: one signs, all verify.
///
/// The owner reloads it when the stores' version has grown.
public final class KeyRing: Sendable {
    private struct Loaded {
        let signer: JWTSigner
        let verification: VerificationKeys
        let published: JWKSet
    }

    private let loaded = Mutex<Loaded?>(nil)

    /// Why keys cannot be loaded.
    public enum LoadError: Error, Sendable, CustomStringConvertible {
        /// The stores hold no current key.
        case noCurrentKey
        /// A key cannot be opened with this master key.
        case sealedByAnother(KeyID)

        /// What to do about it.
        public var description: String {
            switch self {
            case .noCurrentKey:
                "the database holds no current signing key; start `martlet serve` once to make one"
            case .sealedByAnother(let id):
                "signing key \(id) was sealed under another master key; restore the master key file it was made with"
            }
        }
    }

    init() {}

    /// Takes the stored keys in place of those it had; on an error it keeps what it had.
    public func load(_ records: [SigningKeyRecord], opening masterKey: MasterKey) throws(LoadError) {
        var current: SigningKey?
        var keys: [PublicKey] = []
        for record in records {
            guard let key = try? SigningKey(opening: record.sealed, with: masterKey) else {
                throw .sealedByAnother(record.id)
            }
            keys.append(key.publicKey)
            if record.state == .current { current = key }
        }
        guard let current else { throw .noCurrentKey }
        let fresh = Loaded(
            signer: JWTSigner(current),
            verification: VerificationKeys(keys),
            published: JWKSet(keys)
        )
        loaded.withLock { $0 = fresh }
    }

    /// The public keys as published: RFC 7517 §5.
    public var published: JWKSet? { loaded.withLock { $0?.published } }

    /// The key that signs; nil before the first load.
    var signer: JWTSigner? { loaded.withLock { $0?.signer } }

    /// The keys that verify; nil before the first load.
    var verification: VerificationKeys? { loaded.withLock { $0?.verification } }
}
