import AuthorizationServer
import Federation
import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Martlet
@testable import SQLStores

@Suite("A new master key takes over what an older one sealed", .spec("X-05"))
struct ResealingTests {
    private static func key(_ seed: UInt8) -> MasterKey {
        MasterKey(Secret((0..<32).map { $0 ^ seed &* 37 }))!
    }

    private let old = Self.key(1)
    private let new = Self.key(2)
    private let other = Self.key(3)

    /// A database with so many keys sealed by `old`.
    private func withKeys(
        _ count: Int, _ body: (SQLStorage, DatabaseMove.Place) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("martlet.db")
        let storage = try SQLStorage.openSQLite(at: path, role: .server)
        let records = try (0..<count).map { try record("k\($0)", old) }
        #expect(try await storage.stores.keys.begin(with: records))
        try await body(storage, .sqlite(path: path))
        await storage.close()
    }

    private func record(_ id: String, _ masterKey: MasterKey) throws -> SigningKeyRecord {
        let now = Timestamp(microseconds: 1)
        return SigningKeyRecord(
            id: KeyID(rawValue: id), algorithm: "ES256", sealed: try SigningKey.generate(.es256).sealed(by: masterKey),
            state: .current, createdAt: now, changedAt: now)
    }

    private func opens(_ storage: SQLStorage, _ masterKey: MasterKey) async throws -> Int {
        try await storage.stores.keys.list().count { (try? SigningKey(opening: $0.sealed, with: masterKey)) != nil }
    }

    @Test func everythingMovesToTheNewKey() async throws {
        try await withKeys(25) { storage, place in
            let both = new.following([old])
            let before = try await storage.stores.keys.list().map {
                try SigningKey(opening: $0.sealed, with: old).keyID
            }
            let report = try Resealing(masterKey: both).run(over: SealedValues(place, batch: 10))
            #expect(report == .init(seen: 25, resealed: 25))
            #expect(try await opens(storage, new) == 25)
            #expect(try await opens(storage, old) == 0)
            let after = try await storage.stores.keys.list().map { try SigningKey(opening: $0.sealed, with: new).keyID }
            #expect(after == before)
            #expect(try Resealing(masterKey: both).run(over: SealedValues(place)) == .init(seen: 25))
        }
    }

    @Test func theKeyOfRequestObjectsMovesToo() async throws {
        try await withKeys(1) { storage, place in
            let key = try DecryptionKey.generate(.p256)
            let now = Timestamp(microseconds: 1)
            let record = SigningKeyRecord(
                id: KeyID(rawValue: key.keyID), algorithm: "ECDH-ES", sealed: try key.sealed(by: old), state: .next,
                createdAt: now, changedAt: now)
            #expect(record.isForRequests)
            #expect(try await storage.stores.keys.add(next: record))
            let report = try Resealing(masterKey: new.following([old])).run(over: SealedValues(place))
            #expect(report == .init(seen: 2, resealed: 2))
            let moved = try #require(try await storage.stores.keys.list().first(where: \.isForRequests))
            #expect(try DecryptionKey(opening: moved.sealed, algorithm: nil, with: new).keyID == key.keyID)
        }
    }

    @Test func secretsAndTokensOfProvidersMoveToo() async throws {
        try await withKeys(1) { storage, place in
            let (stores, session) = (storage.stores, Session.withEveryFieldSet())
            let sealed = try old.seal([1, 2], purpose: Upstream.secretPurpose, boundTo: Array("g".utf8))
            var connector = Connector.withEveryFieldSet(id: "g")
            connector.sealedSecret = sealed
            #expect(try await stores.connectors.insert(connector))
            _ = try await stores.users.insert(.withNothingOptional(id: session.userID.rawValue))
            try await stores.sessions.start(session, replacing: nil)
            var tokens = UpstreamTokens()
            tokens.accessToken = "a"
            try await stores.upstreamSessions.note(
                UpstreamSession(
                    sessionID: session.id, connector: connector.id, subject: "1", providerSession: nil,
                    userID: session.userID, sealedTokens: try tokens.sealed(for: session.id, by: old),
                    createdAt: session.authenticatedAt, expiresAt: session.expiresAt))
            #expect(
                try Resealing(masterKey: new.following([old])).run(over: SealedValues(place))
                    == .init(seen: 3, resealed: 3))
            let secret = try #require(try await stores.connectors.find(connector.id)?.sealedSecret)
            let opened = try new.open(secret, purpose: Upstream.secretPurpose, boundTo: Array("g".utf8))
            #expect(opened.withBytes { bytes in bytes.withUnsafeBufferPointer { Array($0) } } == [1, 2])
            let kept = try #require(
                try await stores.upstreamSessions.find(session.id, at: session.authenticatedAt)?.sealedTokens)
            #expect(UpstreamTokens(kept, of: session.id, new) == tokens)
            #expect(UpstreamTokens(kept, of: session.id, old) == nil)
        }
    }

    @Test func anInterruptedRunLosesNothingAndTheNextOneEndsIt() async throws {
        struct Stop: Error {}
        try await withKeys(25) { storage, place in
            let both = new.following([old])
            for _ in 0..<2 {
                var batches = 0
                #expect(throws: Stop.self) {
                    try Resealing(masterKey: both).run(over: SealedValues(place, batch: 5)) { _ in
                        batches += 1
                        if batches == 2 { throw Stop() }
                    }
                }
                #expect(try await opens(storage, both) == 25)
            }
            #expect(try await opens(storage, new) == 10)
            let report = try Resealing(masterKey: both).run(over: SealedValues(place, batch: 5))
            #expect(report == .init(seen: 25, resealed: 15))
            #expect(try await opens(storage, new) == 25)
        }
    }

    @Test func whatIsSealedMeanwhileMovesToo() async throws {
        try await withKeys(12) { storage, place in
            var isAdded = false
            let values = try SealedValues(place, batch: 4)
            let newcomer = try record("a", old)
            let path = try #require(place.description.split(separator: ":").last.map(String.init))
            let report = try Resealing(masterKey: new.following([old])).run(over: values) { _ in
                guard !isAdded else { return }
                isAdded = true
                // Before what the first round has passed already.
                try insert(newcomer, into: path)
            }
            #expect(report == .init(seen: 13, resealed: 13))
            #expect(try await opens(storage, new) == 13)
        }
    }

    private func insert(_ record: SigningKeyRecord, into path: String) throws {
        let connection = try SQLiteConnection(path: path, purpose: .write)
        defer { connection.close() }
        try connection.run(
            "INSERT INTO signing_keys (id, algorithm, sealed, state, created_at, changed_at) VALUES ($1, 'ES256', $2, 'retiring', 1, 1)",
            [.text(record.id.rawValue), .bytes(record.sealed)])
    }

    @Test func whatCannotBeOpenedStaysAndIsTold() async throws {
        try await withKeys(3) { storage, place in
            let report = try Resealing(masterKey: new.following([other])).run(over: SealedValues(place))
            #expect(report == .init(seen: 3, strange: [old.id: 3]))
            #expect(!report.isWhole)
            #expect(try await opens(storage, old) == 3)
        }
    }
}
