import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("Taking people over")
struct AccountImportTests {
    private let storage = Storage.inMemory()
    private let clock = TestClock()
    private static let masterKey = MasterKey(Secret([UInt8](repeating: 7, count: 32)))

    private func accounts(_ format: ExportFormat = .lines, _ key: MasterKey? = masterKey) -> AccountImport {
        AccountImport(from: format, into: storage, masterKey: key, clock: clock)
    }

    private func person(_ text: String) throws -> ImportedPerson {
        try ExportFormat.lines.person(
            of: ExportRows.Row(number: 1, line: 1, offset: 0, content: .json(Array(text.utf8))), ImportRules())
    }

    @Test func makesAnAccountWithEverything() async throws {
        let ada = try person(
            """
            {"id":"7","email":"ada@x.org","email_verified":true,"name":"Ada","created_at":"2020-01-31",
             "password_hash":"\(ForeignHashTests.knownAnswers[3].1)","disabled":true,
             "totp":{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}}
            """)
        let id = accounts().identifier(of: ada)
        #expect(try await accounts().look(at: ada) == .made(id))
        #expect(try await storage.users.find(ada.email) == nil)
        #expect(try await accounts().take([ada]) == [.made(id)])
        let user = try #require(try await storage.users.find(id))
        #expect(
            user
                == User(
                    id: id, email: ada.email, isEmailVerified: true, name: "Ada",
                    passwordHash: ForeignHashTests.knownAnswers[3].1, createdAt: Timestamp(date: "2020-01-31")!,
                    updatedAt: clock.now, disabledAt: clock.now))
        let authenticators = Authenticators(
            storage.secondFactors.authenticators, masterKey: try #require(Self.masterKey), clock: clock,
            random: SeededRandom(), issuer: "id.example")
        let code = try TOTP(secret: Secret("12345678901234567890")).code(at: TOTP.step(at: clock.now))
        #expect(try await authenticators.isOn(for: id))
        #expect(try await authenticators.accept(code, for: id))
        #expect(try await !authenticators.accept(code, for: id))
    }

    @Test func changesNothingOfWhatAnEarlierRunHasMade() async throws {
        let ada = try person(#"{"email":"ada@x.org","name":"Ada"}"#)
        let id = accounts().identifier(of: ada)
        #expect(try await accounts().take([ada]) == [.made(id)])
        #expect(try await storage.users.setPassword("$mine", of: id, at: clock.now))
        #expect(try await accounts().take([ada, ada]) == [.present(id), .present(id)])
        #expect(try await accounts().look(at: ada) == .present(id))
        #expect(try await storage.users.find(id)?.passwordHash == "$mine")
    }

    @Test func refusesWhatIsSomebodyElses() async throws {
        #expect(try await storage.users.insert(.withNothingOptional(id: "u_here", email: "here@x.org")))
        let here = try person(#"{"email":"here@x.org"}"#)
        #expect(try await accounts().take([here]) == [.refused(RowRefusal(.addressTaken))])
        #expect(try await accounts().look(at: here) == .refused(RowRefusal(.addressTaken)))
        let first = try person(#"{"id":"7","email":"a@x.org"}"#)
        let second = try person(#"{"id":"7","email":"b@x.org"}"#)
        let twin = try person(#"{"id":"8","email":"a@x.org"}"#)
        let outcomes = try await accounts().take([first, second, twin])
        #expect(
            outcomes == [
                .made(accounts().identifier(of: first)), .refused(RowRefusal(.identifierTaken)),
                .refused(RowRefusal(.addressTaken)),
            ])
        #expect(try await storage.users.find(Email("b@x.org")!) == nil)
    }

    private func linked(_ email: String, _ subjects: String...) throws -> ImportedPerson {
        var rules = ImportRules()
        rules.connectors = ConnectorAliases([ConnectorID(rawValue: "google")])
        let identities = subjects.map { #"{"connector":"google","subject":"\#($0)"}"# }.joined(separator: ",")
        let row = #"{"email":"\#(email)","identities":[\#(identities)]}"#
        return try ExportFormat.lines.person(
            of: ExportRows.Row(number: 1, line: 1, offset: 0, content: .json(Array(row.utf8))), rules)
    }

    @Test func linksIdentitiesToTheAccountsThatItMakes() async throws {
        let google = ConnectorID(rawValue: "google")
        let ada = try linked("ada@x.org", "117", "118")
        let id = accounts().identifier(of: ada)
        #expect(try await accounts().take([ada]) == [.made(id)])
        #expect(
            try await storage.links.find(google, subject: "118")
                == LinkedIdentity(
                    connector: google, subject: "118", userID: id, email: nil, name: nil, linkedAt: clock.now,
                    lastUsedAt: nil))
        #expect(try await storage.links.list(of: id).count == 2)
        #expect(try await accounts().unlinked(of: ada).isEmpty)
        // What its owner has unlinked since stays so.
        #expect(try await storage.users.setPassword("$mine", of: id, at: clock.now))
        #expect(try await storage.links.unlink(google, subject: "118", of: id) == .removed)
        #expect(try await accounts().take([ada]) == [.present(id)])
        #expect(try await accounts().unlinked(of: ada) == [google])
        #expect(try await storage.links.find(google, subject: "118") == nil)
    }

    @Test func refusesWhoeverHasTheIdentityOfAnother() async throws {
        let ada = try linked("ada@x.org", "117")
        let bob = try linked("bob@x.org", "9", "117")
        let refused = AccountImport.Outcome.refused(RowRefusal(.identityTaken, "google"))
        #expect(try await accounts().take([ada, bob]) == [.made(accounts().identifier(of: ada)), refused])
        #expect(try await accounts().look(at: bob) == refused)
        #expect(try await storage.users.find(bob.email) == nil)
        #expect(try await storage.links.find(ConnectorID(rawValue: "google"), subject: "9") == nil)
        let free = try linked("bob@x.org", "9")
        #expect(try await accounts().look(at: free) == .made(accounts().identifier(of: free)))
        #expect(try await accounts().take([free]) == [.made(accounts().identifier(of: free))])
    }

    @Test func identifiersFollowFromTheSource() throws {
        let ada = try person(#"{"id":"7","email":"ada@x.org"}"#)
        let moved = try person(#"{"id":"7","email":"ada@y.org"}"#)
        let other = try person(#"{"id":"8","email":"ada@x.org"}"#)
        let id = accounts().identifier(of: ada)
        #expect(accounts().identifier(of: moved) == id)
        #expect(accounts().identifier(of: other) != id)
        #expect(accounts(.keycloak).identifier(of: ada) != id)
        #expect(id.rawValue.hasPrefix("u_"))
        #expect(ClientID(id.rawValue) == nil)
    }

    @Test func sealsNothingWithoutAMasterKey() async throws {
        let ada = try person(#"{"email":"ada@x.org","totp":{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}}"#)
        await #expect(throws: AccountImport.NoMasterKey.self) { try await accounts(.lines, nil).take([ada]) }
        #expect(try await storage.users.find(ada.email) == nil)
        let bare = try person(#"{"email":"bare@x.org"}"#)
        #expect(try await accounts(.lines, nil).take([bare]).count == 1)
    }
}
