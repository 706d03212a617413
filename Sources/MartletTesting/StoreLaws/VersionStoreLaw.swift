import OAuthTypes
public import Stores
import Testing

/// What every `VersionStore` obeys.
public enum VersionStoreLaw: String, CaseIterable, Sendable {
    case growsWithEveryChange, staysWhereNothingChanged, sweepsAndPeopleDoNotRaiseIt

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let client = Client.withEveryFieldSet()
        let keys: [SigningKeyRecord] = [.withEveryFieldSet(), .withEveryFieldSet(id: "kid-2", state: .next)]
        var last = try await storage.versions.current()
        switch self {
        case .growsWithEveryChange:
            let changes: [(String, () async throws -> Bool)] = [
                ("insert a client", { try await storage.clients.insert(client) }),
                ("remove a client", { try await storage.clients.remove(client.id) }),
                ("insert a connector", { try await storage.connectors.insert(.withEveryFieldSet()) }),
                ("replace a connector", { try await storage.connectors.replace(.withEveryFieldSet()) }),
                ("remove a connector", { try await storage.connectors.remove(Connector.withEveryFieldSet().id) }),
                ("begin with keys", { try await storage.keys.begin(with: keys) }),
                (
                    "rotate keys",
                    {
                        try await storage.keys.rotate(
                            from: keys[0], adding: .withEveryFieldSet(id: "kid-3", state: .next), at: .noon
                        )
                    }
                ),
                ("drop keys", { try await storage.keys.drop(retiringSince: .noon) == 1 }),
                (
                    "place a key",
                    {
                        try await storage.keys.place(.withEveryFieldSet(id: "kid-4"), at: .noon)
                        return true
                    }
                ),
                (
                    "revoke a key",
                    { try await storage.keys.revoke(.withEveryFieldSet(id: "kid-3"), adding: nil, at: .noon) }
                ),
                ("add a key", { try await storage.keys.add(next: .withEveryFieldSet(id: "kid-5", state: .next)) }),
                ("retire an algorithm", { try await storage.keys.retire(algorithm: "ES256", at: .noon) }),
                ("add a key", { try await storage.keys.add(next: .withEveryFieldSet(id: "kid-6", state: .next)) }),
                ("promote a key", { try await storage.keys.promote(KeyID(rawValue: "kid-6"), at: .noon) }),
            ]
            for (name, change) in changes {
                #expect(try await change(), "\(name)")
                let version = try await storage.versions.current()
                #expect(version > last, "\(name)")
                last = version
            }
        case .staysWhereNothingChanged:
            _ = try await storage.clients.insert(client)
            _ = try await storage.keys.begin(with: keys)
            last = try await storage.versions.current()
            #expect(try await !storage.clients.insert(client))
            #expect(try await !storage.clients.remove(ClientID("other")!))
            #expect(try await !storage.connectors.replace(.withEveryFieldSet()))
            #expect(try await !storage.connectors.remove(Connector.withEveryFieldSet().id))
            #expect(try await !storage.keys.begin(with: keys))
            #expect(
                try await !storage.keys.rotate(
                    from: keys[1], adding: .withEveryFieldSet(id: "kid-3", state: .next), at: .noon
                )
            )
            #expect(try await storage.keys.drop(retiringSince: .noon) == 0)
            #expect(try await !storage.keys.add(next: .withEveryFieldSet(id: "kid-3", state: .next)))
            #expect(try await !storage.keys.promote(keys[1].id, at: .noon))
            #expect(try await !storage.keys.revoke(.withEveryFieldSet(id: "kid-3"), adding: nil, at: .noon))
            #expect(try await !storage.keys.retire(algorithm: "RS256", at: .noon))
            #expect(try await storage.versions.current() == last)
        case .sweepsAndPeopleDoNotRaiseIt:
            _ = try await storage.users.insert(.withNothingOptional())
            _ = try await storage.codes.issue(.withEveryFieldSet(), under: .living())
            _ = try await storage.codes.sweep(expiredBy: .noon + .seconds(86400), limit: 10)
            #expect(try await storage.versions.current() == last)
        }
    }
}
