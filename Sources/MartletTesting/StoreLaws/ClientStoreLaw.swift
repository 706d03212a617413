import OAuthTypes
public import Stores
import Testing

/// What every `ClientStore` obeys.
public enum ClientStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, absentFieldsStayAbsent, unknownIsNil, aTakenIdentifierChangesNothing
    case insertsOnceUnderContention, listsInOrder, unitesTheScopesOfAll, identifiersAreComparedByteByByte
    case replacesEveryFieldOnce, replacesNothingThatIsGone, replacesOnceUnderContention
    case removalTakesEverythingOfTheClient, removesOnceUnderContention

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let client = Client.withEveryFieldSet()
        let other = Client.withNothingOptional()
        let store = storage.clients
        switch self {
        case .everyFieldComesBack:
            #expect(try await store.insert(client))
            #expect(try await store.find(client.id) == client)
            #expect(
                try await store.find(client.id)?.redirectURIs.map(\.rawValue) == client.redirectURIs.map(\.rawValue))
        case .absentFieldsStayAbsent:
            #expect(try await store.insert(other))
            #expect(try await store.find(other.id) == other)
        case .unknownIsNil:
            #expect(try await store.insert(client))
            #expect(try await store.find(other.id) == nil)
            #expect(try await !store.remove(other.id))
            #expect(try await store.find(client.id) == client)
        case .aTakenIdentifierChangesNothing:
            var impostor = client
            impostor.name = "Impostor"
            #expect(try await store.insert(client))
            #expect(try await !store.insert(impostor))
            #expect(try await store.list() == [client])
        case .insertsOnceUnderContention:
            let outcomes = try await concurrently(32) { try await store.insert(client) }
            #expect(outcomes.count { $0 } == 1)
        case .listsInOrder:
            #expect(try await store.list() == [])
            for id in ["b", "C", "a", "B2"] { #expect(try await store.insert(.withNothingOptional(id: id))) }
            #expect(try await store.list().map(\.id.rawValue) == ["B2", "C", "a", "b"])
        case .unitesTheScopesOfAll:
            #expect(try await store.scopes() == [])
            _ = try await store.insert(.withEveryFieldSet(id: "1", scopes: [.openid, .email]))
            _ = try await store.insert(.withEveryFieldSet(id: "2", scopes: [Scope("x:y")!, .openid]))
            _ = try await store.insert(.withEveryFieldSet(id: "3", scopes: []))
            #expect(try await store.scopes() == [.openid, .email, Scope("x:y")!])
        case .identifiersAreComparedByteByByte:
            #expect(try await store.insert(.withNothingOptional(id: "App")))
            #expect(try await store.find(ClientID("app")!) == nil)
            #expect(try await store.insert(.withNothingOptional(id: "app")))
        case .replacesEveryFieldOnce:
            try await checkReplacing(client, sparing: other, in: store)
        case .replacesNothingThatIsGone:
            #expect(try await !store.replace(client))
            #expect(try await store.list() == [])
            #expect(try await store.insert(client))
            #expect(try await store.remove(client.id))
            // Another client of that name: not the one that was read.
            let successor = Client.withEveryFieldSet(createdAt: client.createdAt + .seconds(1))
            #expect(try await store.insert(successor))
            #expect(try await !store.replace(client))
            #expect(try await store.find(client.id) == successor)
            #expect(try await store.replace(successor))
        case .replacesOnceUnderContention:
            #expect(try await store.insert(client))
            let outcomes = try await concurrently(32) { try await store.replace(client) }
            #expect(outcomes.count { $0 } == 1)
        case .removalTakesEverythingOfTheClient:
            try await checkRemoval(client, sparing: other, in: storage)
        case .removesOnceUnderContention:
            #expect(try await store.insert(client))
            let outcomes = try await concurrently(32) { try await store.remove(client.id) }
            #expect(outcomes.count { $0 } == 1)
        }
    }

    private func checkReplacing(
        _ client: Client, sparing other: Client, in store: any ClientStore
    ) async throws {
        #expect(try await store.insert(client))
        #expect(try await store.insert(other))
        let plain = Client.withNothingOptional(id: client.id.rawValue)
        var changed = client
        changed.name = plain.name
        changed.secretDigest = plain.secretDigest
        changed.authenticationMethods = plain.authenticationMethods
        changed.redirectURIs = plain.redirectURIs
        changed.postLogoutRedirectURIs = plain.postLogoutRedirectURIs
        changed.grantTypes = plain.grantTypes
        changed.scopes = plain.scopes
        changed.party = plain.party
        changed.ownSignIn = plain.ownSignIn
        changed.metadata = plain.metadata
        changed.sealedSecret = plain.sealedSecret
        changed.formerSecret = plain.formerSecret
        changed.registrationDigest = plain.registrationDigest
        #expect(try await store.replace(changed))
        let now = try #require(try await store.find(client.id))
        #expect(now == plain.with(revision: client.revision + 1))
        #expect(try await store.find(other.id) == other)
        // Made from what is no more: whoever was first has won.
        #expect(try await !store.replace(changed))
        #expect(try await store.find(client.id) == now)
        #expect(try await store.replace(client.with(revision: now.revision)))
        #expect(try await store.find(client.id) == client.with(revision: now.revision + 1))
    }

    private func checkRemoval(_ client: Client, sparing other: Client, in storage: Storage) async throws {
        for (offset, owner) in [client, other].enumerated() {
            let id = owner.id.rawValue
            #expect(try await storage.clients.insert(owner))
            try await storage.codes.issue(
                .withEveryFieldSet(digest: .numbered(offset), grant: "g-\(offset)", client: id),
                under: .living(id: "g-\(offset)", client: id)
            )
            try await storage.interactions.insert(.withEveryFieldSet(digest: .numbered(offset), client: id))
            try await storage.consents.remember([.email], user: UserID(rawValue: "u_1"), client: owner.id, at: .noon)
        }
        #expect(try await storage.clients.remove(client.id))
        for (offset, owner) in [client, other].enumerated() {
            let isSpared = owner == other
            let (digest, now) = (TokenDigest.numbered(offset), Timestamp.noon + .seconds(3))
            #expect(try await (storage.clients.find(owner.id) != nil) == isSpared)
            #expect(try await (storage.codes.find(digest, at: now) != nil) == isSpared)
            #expect(try await (storage.grants.find(GrantID(rawValue: "g-\(offset)"), at: now) != nil) == isSpared)
            #expect(try await (storage.interactions.find(digest, at: now) != nil) == isSpared)
            let consented = try await storage.consents.find(user: UserID(rawValue: "u_1"), client: owner.id)
            #expect(consented == (isSpared ? [.email] : []))
        }
        // The name is free again, and nothing of the former holder comes back with it.
        #expect(try await storage.clients.insert(client))
        #expect(try await storage.consents.find(user: UserID(rawValue: "u_1"), client: client.id) == [])
    }
}
