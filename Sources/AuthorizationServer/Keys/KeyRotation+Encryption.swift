import JOSE
import OAuthTypes
import Stores

/// The life of the keys that clients encrypt request objects to: one row beside those of the signing keys.
///
/// Only the current one is published, for others would take either of two; each opens what it can from the moment it is
/// made until nobody has a copy of the key set any more that names it. So a next key is known to every node before anybody
/// encrypts to it, and one that makes room opens what is on its way.
extension KeyRotation {
    /// One look at the records of these keys; where none are wanted, those there are make room.
    func maintainEncryption(_ records: [SigningKeyRecord]) async throws {
        guard policy.takesEncryptedRequests else {
            if records.contains(where: { $0.state != .retiring }) {
                _ = try await store.retire(algorithm: RequestEncryption.recorded, at: clock.now)
            }
            return
        }
        guard let next = records.first(where: { $0.state == .next }) else {
            _ = try await store.add(next: newEncryptionKey(.next))
            return
        }
        let current = records.first { $0.state == .current }
        guard unpublished(next, current) == nil else { return }
        guard let current else {
            _ = try await store.promote(next.id, at: clock.now)
            return
        }
        guard current.changedAt + policy.keyRotationInterval <= clock.now else { return }
        // A key this master key cannot open must not become the one that is encrypted to.
        guard (try? DecryptionKey(opening: next.sealed, algorithm: nil, with: masterKey)) != nil else {
            throw KeyRing.LoadError.sealedByAnother(next.id)
        }
        _ = try await store.rotate(from: current, adding: newEncryptionKey(.next), at: clock.now)
    }

    func newEncryptionKey(_ state: SigningKeyRecord.State, at moment: Timestamp? = nil) throws -> SigningKeyRecord {
        let key = try DecryptionKey.generate(.p256)
        let now = moment ?? clock.now
        return SigningKeyRecord(
            id: KeyID(rawValue: key.keyID), algorithm: RequestEncryption.recorded,
            sealed: try key.sealed(by: masterKey), state: state, createdAt: now, changedAt: now)
    }
}
