public import JOSE
public import OAuthTypes
public import Stores

/// The life of signing keys, one row for each algorithm: next, current, retiring, gone.
///
/// Every key is published for all of it. A key is in the key set as *next* for longer than anybody keeps a copy of the set
/// (`Policy.keyPublication`) before it signs, so no verifier meets a signature by a key that its copy does not have; and as
/// *retiring* until the last token that it signed has expired.
public struct KeyRotation: Sendable {
    let store: any SigningKeyStore
    let masterKey: MasterKey
    let clock: any TimeSource
    let policy: Policy
    let devices: any DeviceSigning
    let makeKey: @Sendable (SignatureAlgorithm) async throws -> SigningKey

    /// Why a key does not take a step.
    public enum Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        /// The next key is not known to everybody before that moment.
        case unpublished(KeyID, until: Timestamp)
        /// There is no next key yet.
        case noNextKey(SignatureAlgorithm)
        /// No key signs with that algorithm.
        case unused(SignatureAlgorithm)
        /// There is no key of that name.
        case unknown(KeyID)
        /// The key is there already.
        case present(KeyID)
        /// The key is in a device and no other one could sign in its place.
        case alone(KeyID)

        /// What is wrong and what to do.
        public var description: String {
            switch self {
            case .unpublished(let id, _):
                "the next key \(id) is not published long enough: copies of the key set that are still in use lack it"
            case .noNextKey(let algorithm):
                "there is no next key for \(algorithm.rawValue) yet; a running server makes it within a minute"
            case .unused(let algorithm): "no key signs with \(algorithm.rawValue)"
            case .unknown(let id): "there is no signing key \(id); `martlet keys list` shows those there are"
            case .present(let id): "the key is there already, as \(id)"
            case .alone(let id):
                "nothing could sign in place of \(id), which is in a device; import another key first, with --as current"
            }
        }
    }

    /// The life of the keys in a store; `makeKey` is where keys are made, which takes some tenths of a second for RSA.
    public init(
        _ store: any SigningKeyStore, masterKey: MasterKey, clock: any TimeSource, policy: Policy,
        devices: (any DeviceSigning)? = nil,
        makeKey: @escaping @Sendable (SignatureAlgorithm) async throws -> SigningKey = { try SigningKey.generate($0) }
    ) {
        self.store = store
        self.masterKey = masterKey
        self.clock = clock
        self.policy = policy
        self.devices = devices ?? NoDevices()
        self.makeKey = makeKey
    }

    /// Makes the first keys where there are none: of each algorithm one that signs and its successor.
    ///
    /// The start does not wait for two RSA keys where one will do: its successor is made by `maintain`. Safe to run on several nodes at once.
    public func begin() async throws {
        guard try await store.list().isEmpty else { return }
        let now = clock.now
        var keys: [SigningKeyRecord] = []
        for algorithm in policy.signingAlgorithms { keys.append(try await newKey(algorithm, .current, at: now)) }
        for algorithm in policy.signingAlgorithms where !KeyRotation.slow.contains(algorithm) {
            keys.append(try await newKey(algorithm, .next, at: now))
        }
        if policy.takesEncryptedRequests {
            keys += [try newEncryptionKey(.current, at: now), try newEncryptionKey(.next, at: now)]
        }
        _ = try await store.begin(with: keys)
    }

    /// What takes tenths of a second to make.
    private static let slow: Set<SignatureAlgorithm> = [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512]

    /// One step of an algorithm, or of the first one: next signs from now on.
    ///
    /// Nil where another node or command was faster. Throws `Refusal` where the step would break a token's verification.
    public func rotate(_ algorithm: SignatureAlgorithm? = nil) async throws -> KeyID? {
        let records = try await store.list()
        guard let algorithm = algorithm ?? policy.signingAlgorithms.first else { throw KeyRing.LoadError.noCurrentKey }
        let ours = records.filter { $0.algorithm == algorithm.rawValue }
        guard let current = ours.first(where: { $0.state == .current }) else {
            guard !records.contains(where: { $0.state == .current }) else { throw Refusal.unused(algorithm) }
            throw KeyRing.LoadError.noCurrentKey
        }
        guard let next = ours.first(where: { $0.state == .next }) else { throw Refusal.noNextKey(algorithm) }
        // A key this master key cannot open must not become the one that signs.
        guard let key = try? StoredSigningKey(opening: next.sealed, with: masterKey) else {
            throw KeyRing.LoadError.sealedByAnother(next.id)
        }
        if let moment = unpublished(next, current) { throw Refusal.unpublished(next.id, until: moment) }
        var newcomer: SigningKeyRecord?
        if let key = key.device {
            // Nor one that does not sign. Its successor is made where it was made.
            _ = try await devices.sign(Array("martlet tries a key".utf8), with: key)
        } else {
            newcomer = try await newKey(algorithm, .next)
        }
        return try await store.rotate(from: current, adding: newcomer, at: clock.now) ? next.id : nil
    }

    /// Drops keys whose tokens have all expired, rotates those that are old enough, and sees to it that every configured
    /// algorithm has its keys and no other one signs.
    public func maintain() async throws {
        _ = try await store.drop(retiringSince: clock.now - policy.keyRetirement)
        let records = try await store.list()
        for algorithm in policy.signingAlgorithms {
            try await maintain(algorithm, records.filter { $0.algorithm == algorithm.rawValue })
        }
        try await maintainEncryption(records.filter { $0.algorithm == RequestEncryption.recorded })
        // Somebody has to sign until the first key of a new setting may.
        let signs = { (record: SigningKeyRecord) in
            record.state == .current && policy.signingAlgorithms.contains { $0.rawValue == record.algorithm }
        }
        guard records.contains(where: signs) else { return }
        // Those of a newer program are its own affair.
        let others = SignatureAlgorithm.allCases.filter { !policy.signingAlgorithms.contains($0) }
        for algorithm in others
        where records.contains(where: { $0.algorithm == algorithm.rawValue && $0.state != .retiring }) {
            _ = try await store.retire(algorithm: algorithm.rawValue, at: clock.now)
        }
    }

    private func maintain(_ algorithm: SignatureAlgorithm, _ records: [SigningKeyRecord]) async throws {
        let current = records.first { $0.state == .current }
        // What somebody has put into a device is not succeeded behind their back.
        let isKept = current.map(isInDevice) ?? false
        guard let next = records.first(where: { $0.state == .next }) else {
            if !isKept { _ = try await store.add(next: newKey(algorithm, .next)) }
            return
        }
        guard unpublished(next, current) == nil else { return }
        guard let current else {
            _ = try await store.promote(next.id, at: clock.now)
            return
        }
        guard current.changedAt + policy.keyRotationInterval <= clock.now, !isKept || isInDevice(next) else { return }
        do {
            _ = try await rotate(algorithm)
        } catch is KeyDeviceError {
            // The present key goes on; `martlet doctor` tells of its age, and of a device that does not answer.
        }
    }

    /// Whether the private part is elsewhere.
    func isInDevice(_ record: SigningKeyRecord) -> Bool {
        (try? StoredSigningKey(opening: record.sealed, with: masterKey))?.device != nil
    }

    /// When a next key may sign, unless it may already: what was there from the beginning is in every copy.
    func unpublished(_ next: SigningKeyRecord, _ current: SigningKeyRecord?) -> Timestamp? {
        let moment = next.createdAt + policy.keyPublication
        if let current, next.createdAt == current.createdAt { return nil }
        return moment <= clock.now ? nil : moment
    }

    func newKey(
        _ algorithm: SignatureAlgorithm, _ state: SigningKeyRecord.State, at moment: Timestamp? = nil
    ) async throws -> SigningKeyRecord {
        try record(of: .inProcess(try await makeKey(algorithm)), state, at: moment)
    }

    /// A key as it is stored; without a moment, as made now.
    func record(
        of key: StoredSigningKey, _ state: SigningKeyRecord.State, at moment: Timestamp? = nil
    ) throws -> SigningKeyRecord {
        let now = moment ?? clock.now
        return SigningKeyRecord(
            id: KeyID(rawValue: key.keyID), algorithm: key.algorithm.rawValue, sealed: try key.sealed(by: masterKey),
            state: state, createdAt: now, changedAt: now)
    }
}
