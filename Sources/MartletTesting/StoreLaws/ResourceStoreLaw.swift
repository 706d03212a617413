import OAuthTypes
public import Stores
import Testing

/// What every `ResourceStore` obeys.
public enum ResourceStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, absentFieldsStayAbsent, anIdentifierIsTakenOnce, aNewOneReplacesTheWhole
    case removedIsGone, changesRaiseTheVersion

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.resources
        let (full, bare) = (Resource.withEveryFieldSet(), Resource.withNothingOptional())
        switch self {
        case .everyFieldComesBack:
            #expect(try await store.insert(full))
            #expect(try await store.list() == [full])
        case .absentFieldsStayAbsent:
            #expect(try await store.list().isEmpty)
            #expect(try await store.insert(bare))
            #expect(try await store.insert(full))
            #expect(try await store.list() == [full, bare])
        case .anIdentifierIsTakenOnce:
            let outcomes = try await concurrently(8) { try await store.insert(full) }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await !store.insert(.withNothingOptional(full.id.rawValue)))
            #expect(try await store.list() == [full])
        case .aNewOneReplacesTheWhole:
            #expect(try await !store.replace(full))
            #expect(try await store.insert(full))
            #expect(try await store.insert(bare))
            let small = Resource.withNothingOptional(full.id.rawValue)
            #expect(try await store.replace(small))
            #expect(try await store.list() == [small, bare])
        case .removedIsGone:
            #expect(try await store.insert(full))
            #expect(try await store.insert(bare))
            #expect(try await store.remove(full.id))
            #expect(try await !store.remove(full.id))
            #expect(try await store.list() == [bare])
        case .changesRaiseTheVersion:
            var last = try await storage.versions.current()
            let changes: [() async throws -> Bool] = [
                { try await store.insert(full) }, { try await store.replace(full) },
                { try await store.remove(full.id) },
            ]
            for change in changes {
                #expect(try await change())
                let version = try await storage.versions.current()
                #expect(version > last)
                last = version
            }
            #expect(try await !store.replace(full))
            #expect(try await storage.versions.current() == last)
        }
    }
}

/// What every `OpaqueTokenStore` obeys.
public enum OpaqueTokenStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, unknownAndExpiredAreNil, isRevokedByItsClientOnly, aClientTakesItsOwnAlong
    case sweepSparesTheLiving

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.opaqueTokens
        let (first, second) = (
            OpaqueToken.numbered(1), OpaqueToken.numbered(2, client: "app", grant: nil, claims: "{}")
        )
        switch self {
        case .everyFieldComesBack:
            for token in [first, second] { try await store.insert(token) }
            #expect(try await store.find(first.digest, at: .noon) == first)
            #expect(try await store.find(second.digest, at: .noon) == second)
            // A digest that is taken is a fault of chance, which nobody may pass over.
            await #expect(throws: StorageError.self) { try await store.insert(first) }
        case .unknownAndExpiredAreNil:
            try await store.insert(first)
            #expect(try await store.find(second.digest, at: .noon) == nil)
            #expect(try await store.find(first.digest, at: first.expiresAt - .microseconds(1)) == first)
            #expect(try await store.find(first.digest, at: first.expiresAt) == nil)
        case .isRevokedByItsClientOnly:
            for token in [first, second] { try await store.insert(token) }
            #expect(try await !store.revoke(first.digest, of: second.clientID))
            #expect(try await store.find(first.digest, at: .noon) == first)
            #expect(try await store.revoke(first.digest, of: first.clientID))
            #expect(try await !store.revoke(first.digest, of: first.clientID))
            #expect(try await store.find(first.digest, at: .noon) == nil)
            #expect(try await store.find(second.digest, at: .noon) == second)
        case .aClientTakesItsOwnAlong:
            for token in [first, second] { try await store.insert(token) }
            #expect(try await storage.clients.insert(.withEveryFieldSet(id: first.clientID.rawValue)))
            #expect(try await storage.clients.remove(first.clientID))
            #expect(try await store.find(first.digest, at: .noon) == nil)
            #expect(try await store.find(second.digest, at: .noon) == second)
        case .sweepSparesTheLiving:
            for number in 0..<5 { try await store.insert(.numbered(number, expiresAt: .noon + .seconds(number))) }
            let third = Timestamp.noon + .seconds(2)
            #expect(try await store.sweep(expiredBy: third, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: third, limit: 2) == 2)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 1)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 0)
            #expect(try await store.find(.numbered(3), at: .noon) != nil)
        }
    }
}
