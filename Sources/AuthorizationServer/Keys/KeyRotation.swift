public import JOSE
public import OAuthTypes
public import Stores

/// The life of signing keys: next, current, retiring, gone.
///
/// Every key is published for all of it.
///
/// A key is in the key set as *next* for a whole period before it signs, so no verifier meets a signature by a key that it
/// could not have fetched.
public struct KeyRotation: Sendable {
    let store: any SigningKeyStore
    let masterKey: MasterKey
    let clock: any TimeSource
    let policy: Policy

    /// The life of the keys in a store.
    public init(_ store: any SigningKeyStore, masterKey: MasterKey, clock: any TimeSource, policy: Policy) {
        self.store = store
        self.masterKey = masterKey
        self.clock = clock
        self.policy = policy
    }

    /// Makes the first keys where there are none.
    ///
    /// Safe to run on several nodes at once.
    public func begin() async throws {
        guard try await store.list().isEmpty else { return }
        _ = try await store.begin(with: [newKey(.current), newKey(.next)])
    }

    /// One step: next signs from now on.
    ///
    /// Nil where another node or command was faster.
    public func rotate() async throws -> KeyID? {
        let records = try await store.list()
        guard let current = records.first(where: { $0.state == .current }),
            let next = records.first(where: { $0.state == .next })
        else { throw KeyRing.LoadError.noCurrentKey }
        // A key this master key cannot open must not become the one that signs.
        guard (try? SigningKey(opening: next.sealed, with: masterKey)) != nil else {
            throw KeyRing.LoadError.sealedByAnother(next.id)
        }
        let rotated = try await store.rotate(from: current.id, adding: newKey(.next), at: clock.now)
        return rotated ? next.id : nil
    }

    /// Rotates when the current key is old enough, and drops keys whose tokens have all expired.
    public func maintain() async throws {
        let now = clock.now
        _ = try await store.drop(retiringSince: now - policy.keyRetirement)
        let current = try await store.list().first { $0.state == .current }
        guard let current, current.changedAt + policy.keyRotationInterval <= now else { return }
        _ = try await rotate()
    }

    private func newKey(_ state: SigningKeyRecord.State) throws -> SigningKeyRecord {
        let key = try SigningKey.generate(.es256)
        let now = clock.now
        return SigningKeyRecord(
            id: KeyID(rawValue: key.publicKey.keyID),
            algorithm: key.algorithm.rawValue,
            sealed: try key.sealed(by: masterKey),
            state: state,
            createdAt: now,
            changedAt: now
        )
    }
}
