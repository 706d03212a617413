public import JOSE
public import OAuthTypes
public import Stores
import Synchronization

/// The signing keys in memory: one of each algorithm signs, all verify.
///
/// The owner reloads it when the stores' version has grown.
public final class KeyRing: Sendable {
    private struct Loaded {
        /// The signers of each algorithm, the one that is used unless another is asked for first.
        let signers: [(algorithm: SignatureAlgorithm, signers: Signers)]
        let published: JWKSet
        /// Grows when the published keys change.
        let epoch: Int
        /// What was opened, by what it was opened from: to read a key again takes long.
        let opened: [KeyID: Opened]
        /// What others encrypted to us is opened with.
        let decryption: RequestEncryption.Keys

        /// The names of all keys.
        var names: [KeyID] {
            let others = ([decryption.current].compactMap(\.self) + decryption.others).map(\.keyID)
            return opened.keys + others.map { KeyID(rawValue: $0) }
        }
        /// What could not be.
        let unopened: [KeyID]
    }

    private struct Opened {
        let sealed: [UInt8]
        let key: StoredSigningKey
    }

    private let preferred: [SignatureAlgorithm]
    private let devices: any DeviceSigning
    private let loaded = Mutex<Loaded?>(nil)

    /// Why keys cannot be loaded.
    public enum LoadError: Error, Sendable, CustomStringConvertible {
        /// The stores hold no current key.
        case noCurrentKey
        /// The stores hold no current key of the algorithm that a client registered.
        case noKey(SignatureAlgorithm)
        /// A key cannot be opened with this master key.
        case sealedByAnother(KeyID)
        /// The stores hold the same key twice.
        case repeatedKey

        /// What to do about it.
        public var description: String {
            switch self {
            case .noCurrentKey:
                "the database holds no current signing key; start `martlet serve` once to make one"
            case .noKey(let algorithm):
                "a client wants \(algorithm.rawValue), and there is no current key for it; add it to MARTLET_SIGNING_ALGORITHMS"
            case .sealedByAnother(let id):
                "signing key \(id) was sealed under another master key; restore the master key file it was made with"
            case .repeatedKey:
                "the database holds the same signing key twice; restore it from a backup"
            }
        }
    }

    /// A ring that signs with the first of these algorithms that it has a key for, unless it is asked for another one.
    init(_ preferred: [SignatureAlgorithm], devices: any DeviceSigning = NoDevices()) {
        self.preferred = preferred
        self.devices = devices
    }

    /// Takes the stored keys in place of those it had; on an error it keeps what it had of those that are stored.
    ///
    /// A key that does not sign now and cannot be opened is left out (``unopened``): what it signed is refused, and all else
    /// goes on. One that is to sign is an error.
    /// Keys of algorithms that this program does not know belong to a newer one beside it, and are left to that.
    public func load(_ records: [SigningKeyRecord], opening masterKey: MasterKey) throws(LoadError) {
        forget(allBut: Set(records.map(\.id)))
        let before = loaded.withLock { $0?.opened } ?? [:]
        var current: [SignatureAlgorithm: StoredSigningKey] = [:]
        var opened: [KeyID: Opened] = [:]
        var unopened: [KeyID] = []
        var keys: [PublicKey] = []
        for record in records {
            guard let algorithm = SignatureAlgorithm(rawValue: record.algorithm) else { continue }
            let known = before[record.id]
            let key: StoredSigningKey
            if let known, known.sealed == record.sealed {
                key = known.key
            } else {
                do throws(LoadError) {
                    key = try KeyRing.open(record, with: masterKey)
                } catch {
                    // Sealed anew while this node does not have the new master key yet: it is the same key.
                    guard let known else {
                        guard record.state != .current else { throw error }
                        unopened.append(record.id)
                        continue
                    }
                    key = known.key
                }
            }
            opened[record.id] = Opened(sealed: record.sealed, key: key)
            keys.append(key.publicKey)
            if record.state == .current { current[algorithm] = key }
        }
        guard !current.isEmpty else { throw .noCurrentKey }
        let decryption = try decryption(records, masterKey)
        let encryption = decryption.current.map { [$0.publicKey] } ?? []
        guard let published = try? JWKSet(keys, encryptionKeys: encryption) else { throw .repeatedKey }
        let order = preferred + SignatureAlgorithm.allCases.filter { !preferred.contains($0) }
        let signers = order.compactMap { algorithm in
            current[algorithm].map { key in (algorithm: algorithm, signers: Signers(key, devices)) }
        }
        loaded.withLock { loaded in
            let isSame = loaded?.published == published
            let epoch = (loaded?.epoch ?? 0) + (isSame ? 0 : 1)
            loaded = Loaded(
                signers: signers, published: published, epoch: epoch, opened: opened, decryption: decryption,
                unopened: unopened)
        }
    }

    /// The keys of records for request objects; what was opened before is good where it cannot be opened now.
    private func decryption(
        _ records: [SigningKeyRecord], _ masterKey: MasterKey
    ) throws(LoadError) -> RequestEncryption.Keys {
        let before = self.decryption
        var current: DecryptionKey?
        var others: [DecryptionKey] = []
        for record in records where record.algorithm == RequestEncryption.recorded {
            guard
                let key = (try? DecryptionKey(opening: record.sealed, algorithm: nil, with: masterKey))
                    ?? before.decryptionKey(withID: record.id.rawValue, for: .ecdhES)
            else { throw .sealedByAnother(record.id) }
            if record.state == .current { current = key } else { others.append(key) }
        }
        return RequestEncryption.Keys(current: current, others: others)
    }

    /// Whatever comes of the others: a key that was withdrawn verifies nothing any more.
    ///
    /// Where none of them is stored, somebody has put another database in place: a withdrawal leaves its successor.
    private func forget(allBut stored: Set<KeyID>) {
        loaded.withLock { loaded in
            guard let old = loaded, !old.names.allSatisfy(stored.contains), old.names.contains(where: stored.contains)
            else { return }
            let kept = old.published.keys.filter { stored.contains(KeyID(rawValue: $0.keyID)) }
            let decryption = RequestEncryption.Keys(
                current: old.decryption.current.flatMap { stored.contains(KeyID(rawValue: $0.keyID)) ? $0 : nil },
                others: old.decryption.others.filter { stored.contains(KeyID(rawValue: $0.keyID)) })
            // They had different names before.
            guard
                let published = try? JWKSet(
                    kept, encryptionKeys: decryption.current.map { [$0.publicKey] } ?? [])
            else { return }
            loaded = Loaded(
                signers: old.signers.filter { stored.contains(KeyID(rawValue: $0.signers.keyID)) },
                published: published, epoch: old.epoch + 1, opened: old.opened.filter { stored.contains($0.key) },
                decryption: decryption, unopened: old.unopened.filter(stored.contains))
        }
    }

    private static func open(
        _ record: SigningKeyRecord, with masterKey: MasterKey
    ) throws(LoadError) -> StoredSigningKey {
        guard let key = try? StoredSigningKey(opening: record.sealed, with: masterKey, named: record.id.rawValue)
        else { throw .sealedByAnother(record.id) }
        return key
    }

    /// Stored keys that this master key does not open: what they signed is not verified here.
    public var unopened: [KeyID] { loaded.withLock { $0?.unopened } ?? [] }

    /// The public keys, which verify and are published: RFC 7517 §5.
    ///
    /// Nil before the first load.
    public var published: JWKSet? { loaded.withLock { $0?.published } }

    /// The published keys with a number that is another one as soon as they are others: what was verified under an older
    /// number must be verified again.
    var verification: (keys: JWKSet, epoch: Int)? {
        loaded.withLock { loaded in loaded.map { ($0.published, $0.epoch) } }
    }

    /// What opens what was encrypted to us; nothing before the first load.
    var decryption: RequestEncryption.Keys {
        loaded.withLock { $0?.decryption } ?? RequestEncryption.Keys(current: nil, others: [])
    }

    /// What can be signed with now, the algorithm first that is used where nobody asks for another one.
    public var algorithms: [SignatureAlgorithm] { loaded.withLock { $0?.signers.map(\.algorithm) } ?? [] }

    /// The signers that are used where nobody asks for others; nil before the first load.
    var signers: Signers? { loaded.withLock { $0?.signers.first?.signers } }

    /// The current key's signers of an algorithm, as a client's `id_token_signed_response_alg` names it; nil where there is no
    /// current key.
    func signers(for algorithm: SignatureAlgorithm) -> Signers? {
        loaded.withLock { $0?.signers.first { $0.algorithm == algorithm }?.signers }
    }

    /// The signers of a client's ID tokens: of the algorithm that it registered (Registration §2), or those that are used
    /// where nobody asks for others.
    func signers(of client: Client) throws(LoadError) -> Signers {
        guard let algorithm = client.metadata.idTokenSignedResponseAlg else {
            guard let signers else { throw .noCurrentKey }
            return signers
        }
        guard let signers = signers(for: algorithm) else { throw .noKey(algorithm) }
        return signers
    }

    /// One signer for each type of token, its protected header prepared.
    ///
    /// One object, so that every request takes and drops one reference and not those of all its parts.
    final class Signers: Sendable {
        let keyID: String
        let accessToken: TokenSigner
        let idToken: TokenSigner
        let introspection: TokenSigner
        let logoutToken: TokenSigner

        init(_ key: StoredSigningKey, _ devices: any DeviceSigning) {
            keyID = key.keyID
            accessToken = TokenSigner(key, type: AccessToken.type, devices: devices)
            idToken = TokenSigner(key, type: IDToken.type, devices: devices)
            introspection = TokenSigner(key, type: SignedIntrospection.type, devices: devices)
            logoutToken = TokenSigner(key, type: LogoutToken.type, devices: devices)
        }
    }
}
