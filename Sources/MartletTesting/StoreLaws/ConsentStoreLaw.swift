import OAuthTypes
public import Stores
import Testing

/// What every `ConsentStore` obeys.
public enum ConsentStoreLaw: String, CaseIterable, Sendable {
    case nothingIsEmpty, addsUp, belongsToOnePersonAndOneClient, losesNothingUnderContention
    case withdrawalForgetsAndRevokes, listsOnePersonsClients

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let user = UserID(rawValue: "u_7Zk2")
        let other = UserID(rawValue: "u_9")
        let client = ClientID("shop 1~")!
        let store = storage.consents
        switch self {
        case .nothingIsEmpty:
            #expect(try await store.find(user: user, client: client) == [])
            try await store.remember([], user: user, client: client, at: .noon)
            #expect(try await store.find(user: user, client: client) == [])
        case .addsUp:
            try await store.remember([.openid, .email], user: user, client: client, at: .noon)
            try await store.remember([.profile, .email], user: user, client: client, at: .noon + .seconds(1))
            #expect(try await store.find(user: user, client: client) == [.openid, .email, .profile])
        case .belongsToOnePersonAndOneClient:
            try await store.remember([.openid], user: user, client: client, at: .noon)
            #expect(try await store.find(user: other, client: client) == [])
            #expect(try await store.find(user: user, client: ClientID("app")!) == [])
        case .listsOnePersonsClients:
            #expect(try await store.list(of: user) == [])
            let app = ClientID("app")!
            try await store.remember([.openid], user: user, client: client, at: .noon + .seconds(1))
            try await store.remember([.openid, .email], user: user, client: client, at: .noon + .seconds(2))
            try await store.remember([.profile], user: user, client: app, at: .noon)
            try await store.remember([.openid], user: other, client: client, at: .noon)
            let all = [
                Consent(clientID: app, scopes: [.profile], since: .noon),
                Consent(clientID: client, scopes: [.openid, .email], since: .noon + .seconds(1)),
            ]
            #expect(try await store.list(of: user) == all)
            try await store.withdraw(user: user, client: app, at: .noon)
            #expect(try await store.list(of: user) == [all[1]])
        case .losesNothingUnderContention:
            let number = Counter()
            _ = try await concurrently(32) {
                try await store.remember([Scope("s\(number.next())")!], user: user, client: client, at: .noon)
            }
            #expect(try await store.find(user: user, client: client).count == 32)
        case .withdrawalForgetsAndRevokes:
            let grants = [
                ("mine", user.rawValue, client.rawValue), ("theirs", other.rawValue, client.rawValue),
                ("elsewhere", user.rawValue, "app"),
            ]
            for (number, (id, user, client)) in grants.enumerated() {
                try await storage.codes.issue(
                    .withEveryFieldSet(digest: .numbered(number), grant: id, client: client),
                    under: .living(id: id, client: client, user: user, scopes: [.openid, .offlineAccess])
                )
                try await store.remember([.openid], user: UserID(rawValue: user), client: ClientID(client)!, at: .noon)
            }
            let now = Timestamp.noon + .seconds(9)
            try await store.withdraw(user: user, client: client, at: now)
            for (id, user, client) in grants {
                let isWithdrawn = id == "mine"
                let grant = try await storage.grants.find(GrantID(rawValue: id), at: now)
                #expect(grant?.revokedAt == (isWithdrawn ? now : nil), "\(id)")
                let scopes = try await store.find(user: UserID(rawValue: user), client: ClientID(client)!)
                #expect(scopes == (isWithdrawn ? [] : [.openid]), "\(id)")
            }
        }
    }
}
