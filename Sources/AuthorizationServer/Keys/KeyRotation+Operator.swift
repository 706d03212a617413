public import JOSE
public import OAuthTypes
public import Stores

/// What an operator does to keys out of their turn.
extension KeyRotation {
    /// What became of a key that was revoked.
    public struct Revocation: Sendable, Equatable {
        /// Where the key stood.
        public let state: SigningKeyRecord.State
        /// The key of its algorithm that signs now; nil where none does.
        public let current: KeyID?
        /// Whether that one is not yet known to everybody who keeps a copy of the key set.
        public let isUnpublished: Bool
    }

    /// Drops a key at once, because somebody else may know it.
    ///
    /// What it signed is refused from then on, by whoever asks for the key set again. The next key takes the place of the
    /// current one, published long enough or not. Throws `Refusal.unknown`.
    public func revoke(_ id: KeyID) async throws -> Revocation {
        let records = try await store.list()
        guard let key = records.first(where: { $0.id == id }) else { throw Refusal.unknown(id) }
        // Only what is in use gets a successor.
        let algorithm = SignatureAlgorithm(rawValue: key.algorithm).flatMap { algorithm in
            policy.signingAlgorithms.contains(algorithm) ? algorithm : nil
        }
        var newcomer: SigningKeyRecord?
        if key.state != .retiring, let algorithm {
            let inUse = records.filter { $0.algorithm == key.algorithm && $0.state != .retiring }
            if !inUse.contains(where: isInDevice) {
                newcomer = try await newKey(algorithm, .next)
            } else if key.state == .current, !inUse.contains(where: { $0.state == .next }) {
                throw Refusal.alone(id)
            }
        }
        guard try await store.revoke(key, adding: newcomer, at: clock.now) else { throw Refusal.unknown(id) }
        let current = try await store.list().first { $0.algorithm == key.algorithm && $0.state == .current }
        let next = records.first { $0.algorithm == key.algorithm && $0.state == .next }
        // What comes into the place of the current one was its next, or is made this moment.
        let isUnpublished = key.state == .current && next.map { unpublished($0, key) != nil } ?? true
        return Revocation(state: key.state, current: current?.id, isUnpublished: current != nil && isUnpublished)
    }

    /// Keeps a key that was made elsewhere, in place of the next or the current one of its algorithm.
    ///
    /// As the current one it signs at once, so it is for keys that verifiers know already. Throws `Refusal`.
    public func adopt(_ key: StoredSigningKey, as state: SigningKeyRecord.State) async throws -> KeyID {
        guard policy.signingAlgorithms.contains(key.algorithm) else { throw Refusal.unused(key.algorithm) }
        let record = try record(of: key, state)
        let records = try await store.list()
        guard !records.contains(where: { isSame($0, key, record.id) }) else { throw Refusal.present(record.id) }
        try await store.place(record, at: clock.now)
        if key.device != nil, state == .current,
            let next = records.first(where: { $0.algorithm == record.algorithm && $0.state == .next }),
            !isInDevice(next)
        {
            // Made to follow the one before; nobody has seen a signature by it.
            _ = try await store.revoke(next, adding: nil, at: clock.now)
        }
        return record.id
    }

    /// The same key under another name is still the same key.
    private func isSame(_ record: SigningKeyRecord, _ key: StoredSigningKey, _ id: KeyID) -> Bool {
        guard record.id != id else { return true }
        let other = try? StoredSigningKey(opening: record.sealed, with: masterKey)
        return other?.publicKey.thumbprint == key.publicKey.thumbprint
    }
}
