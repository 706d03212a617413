import JOSE
import OAuthTypes
import Stores

/// A key for each person, sealed under the master key: without it nobody reads what was sealed for them.
struct PersonKeys: Sendable {
    private let store: any PersonStore
    private let masterKey: MasterKey
    private let random: any RandomSource

    private static let keyPurpose: StaticString = "person key"
    private static let recordPurpose: StaticString = "personal record"

    init(_ store: any PersonStore, masterKey: MasterKey, random: any RandomSource) {
        self.store = store
        self.masterKey = masterKey
        self.random = random
    }

    /// Seals what a record tells of a person; nil where the person was erased.
    ///
    /// Makes the key where there is none yet.
    func seal(_ text: [UInt8], of person: UserID, in record: String) async throws -> [UInt8]? {
        var kept = try await store.key(of: person)
        if kept == nil {
            let fresh = try masterKey.seal(
                random.bytes(MasterKey.count), purpose: PersonKeys.keyPurpose, boundTo: Array(person.rawValue.utf8))
            kept = try await store.keep(fresh, of: person)
        }
        guard let key = try kept.map({ try open($0, of: person) }) else { return nil }
        return try key.seal(text, purpose: PersonKeys.recordPurpose, boundTo: Array(record.utf8))
    }

    /// What was sealed; nil where the person was erased.
    func open(_ sealed: [UInt8], of person: UserID, in record: String) async throws -> Secret? {
        guard let kept = try await store.key(of: person) else { return nil }
        return try open(kept, of: person)
            .open(sealed, purpose: PersonKeys.recordPurpose, boundTo: Array(record.utf8))
    }

    private func open(_ sealed: [UInt8], of person: UserID) throws -> MasterKey {
        let secret = try masterKey.open(
            sealed, purpose: PersonKeys.keyPurpose, boundTo: Array(person.rawValue.utf8))
        guard let key = MasterKey(secret) else { throw JOSEError.unsealable }
        return key
    }
}
