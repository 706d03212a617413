public import JOSE
public import OAuthTypes
public import Stores
import Synchronization

/// The signing keys in memory: one signs, all verify.
///
/// The owner reloads it when the stores' version has grown.
public final class KeyRing: Sendable {
    private struct Loaded {
        let signers: Signers
        let published: JWKSet
        /// Grows when the published keys change.
        let epoch: Int
    }

    private let loaded = Mutex<Loaded?>(nil)

    /// Why keys cannot be loaded.
    public enum LoadError: Error, Sendable, CustomStringConvertible {
        /// The stores hold no current key.
        case noCurrentKey
        /// A key cannot be opened with this master key.
        case sealedByAnother(KeyID)
        /// The stores hold the same key twice.
        case repeatedKey

        /// What to do about it.
        public var description: String {
            switch self {
            case .noCurrentKey:
                "the database holds no current signing key; start `martlet serve` once to make one"
            case .sealedByAnother(let id):
                "signing key \(id) was sealed under another master key; restore the master key file it was made with"
            case .repeatedKey:
                "the database holds the same signing key twice; restore it from a backup"
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
        guard let published = try? JWKSet(keys) else { throw .repeatedKey }
        let signers = Signers(
            accessToken: JWTSigner(key: current, type: AccessToken.type),
            idToken: JWTSigner(key: current, type: IDToken.type)
        )
        loaded.withLock { loaded in
            let isSame = loaded?.published == published
            let epoch = (loaded?.epoch ?? 0) + (isSame ? 0 : 1)
            loaded = Loaded(signers: signers, published: published, epoch: epoch)
        }
    }

    /// The public keys, which verify and are published: RFC 7517 §5.
    ///
    /// Nil before the first load.
    public var published: JWKSet? { loaded.withLock { $0?.published } }

    /// The published keys with a number that is another one as soon as they are others: what was verified under an older
    /// number must be verified again.
    var verification: (keys: JWKSet, epoch: Int)? {
        loaded.withLock { loaded in loaded.map { ($0.published, $0.epoch) } }
    }

    /// The current key's signers; nil before the first load.
    var signers: Signers? { loaded.withLock { $0?.signers } }

    /// One signer for each type of token, its protected header prepared.
    ///
    /// One object, so that every request takes and drops one reference and not those of all its parts.
    final class Signers: Sendable {
        let accessToken: JWTSigner
        let idToken: JWTSigner

        init(accessToken: JWTSigner, idToken: JWTSigner) {
            self.accessToken = accessToken
            self.idToken = idToken
        }
    }
}
