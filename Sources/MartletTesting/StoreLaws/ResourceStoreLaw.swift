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
    case nothingIsKeptBehindItsGrant, erasureTakesWhatComesAtThatMoment, sweepSparesTheLiving

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.opaqueTokens
        let (first, second) = (
            OpaqueToken.numbered(1), OpaqueToken.numbered(2, client: "app", grant: nil, claims: "{}")
        )
        try await OpaqueTokenStoreLaw.begin("g_1", in: storage)
        switch self {
        case .everyFieldComesBack:
            for token in [first, second] { #expect(try await store.insert(token)) }
            #expect(try await store.find(first.digest, at: .noon) == first)
            #expect(try await store.find(second.digest, at: .noon) == second)
            // A digest that is taken is a fault of chance, which nobody may pass over.
            await #expect(throws: StorageError.self) { _ = try await store.insert(first) }
        case .unknownAndExpiredAreNil:
            #expect(try await store.insert(first))
            #expect(try await store.find(second.digest, at: .noon) == nil)
            #expect(try await store.find(first.digest, at: first.expiresAt - .microseconds(1)) == first)
            #expect(try await store.find(first.digest, at: first.expiresAt) == nil)
        case .isRevokedByItsClientOnly:
            for token in [first, second] { #expect(try await store.insert(token)) }
            #expect(try await !store.revoke(first.digest, of: second.clientID))
            #expect(try await store.find(first.digest, at: .noon) == first)
            #expect(try await store.revoke(first.digest, of: first.clientID))
            #expect(try await !store.revoke(first.digest, of: first.clientID))
            #expect(try await store.find(first.digest, at: .noon) == nil)
            #expect(try await store.find(second.digest, at: .noon) == second)
        case .aClientTakesItsOwnAlong:
            for token in [first, second] { #expect(try await store.insert(token)) }
            #expect(try await storage.clients.insert(.withEveryFieldSet(id: first.clientID.rawValue)))
            #expect(try await storage.clients.remove(first.clientID))
            #expect(try await store.find(first.digest, at: .noon) == nil)
            #expect(try await store.find(second.digest, at: .noon) == second)
        case .nothingIsKeptBehindItsGrant:
            #expect(try await !store.insert(.numbered(1, grant: "g_2")), "no such grant")
            #expect(try await store.insert(first))
            try await storage.grants.revoke(GrantID(rawValue: "g_1"), at: .noon)
            #expect(try await !store.insert(.numbered(3)), "revoked")
            #expect(try await store.find(.numbered(3), at: .noon) == nil)
            #expect(try await store.insert(second), "the client's own")
        case .erasureTakesWhatComesAtThatMoment:
            for round in 0..<8 {
                let (grant, numbers) = ("g-\(round)", Counter())
                let user = try await OpaqueTokenStoreLaw.begin(
                    grant, in: storage, of: "u_\(round)", number: 901 + round)
                let kept = try await concurrently(9) { () -> Int? in
                    let number = numbers.next()
                    guard number != 4 else {
                        #expect(try await storage.persons.erase(user, recording: .numbered(100 + round)))
                        return nil
                    }
                    let token = OpaqueToken.numbered(1000 * (round + 1) + number, grant: grant)
                    return try await store.insert(token) ? 1000 * (round + 1) + number : nil
                }
                for number in kept.compactMap(\.self) {
                    #expect(try await store.find(.numbered(number), at: .noon) == nil, "\(number)")
                }
            }
        case .sweepSparesTheLiving:
            for number in 0..<5 {
                #expect(try await store.insert(.numbered(number, expiresAt: .noon + .seconds(number))))
            }
            let third = Timestamp.noon + .seconds(2)
            #expect(try await store.sweep(expiredBy: third, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: third, limit: 2) == 2)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 1)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 0)
            #expect(try await store.find(.numbered(3), at: .noon) != nil)
        }
    }

    /// A living grant of somebody who is signed in.
    @discardableResult
    private static func begin(
        _ grant: String, in storage: Storage, of user: String = "u_7Zk2", number: Int = 900
    ) async throws -> UserID {
        let id = UserID(rawValue: user)
        _ = try await storage.users.insert(.withNothingOptional(id: user, email: "\(grant)@example.org"))
        try await storage.sessions.start(
            .withEveryFieldSet(digest: .numbered(number), id: "sid-\(grant)", user: user), replacing: nil)
        let begun = try await storage.grants.begin(.living(id: grant, user: user, session: "sid-\(grant)"))
        #expect(begun?.revokedAt == nil)
        return id
    }
}
