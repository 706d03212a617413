import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import SQLStores

@Suite("Everything that is held on a person")
struct PersonRecordsTests {
    /// Tables with columns that name people: whoever adds one sees here what erasure forgets.
    @Test func isErasedFromEveryTableThatNamesPeople() throws {
        let database = try TemporaryConnection()
        defer { database.end() }
        // What stays: the log, whose personal fields nobody can read without the key.
        let spared: Set<String> = ["audit_events"]
        let texts = (PersonTable<SQLiteDatabase>.byAddress + PersonTable<SQLiteDatabase>.belongings)
            .map(\.description)
        var seen: Set<String> = []
        for table in try database.connection.catalogue() where !spared.contains(table.name) {
            let names = Set(table.columns.map(\.name))
            for column in ["user_id", "email", "recipient"] where names.contains(column) {
                let isErased = texts.contains { text in
                    ["=", "IN"].contains { text.hasPrefix("DELETE FROM \(table.name) WHERE \(column) \($0)") }
                        // An address that the account had: its rows are found by the account.
                        || (table.name == "recourses" && text.hasPrefix("DELETE FROM recourses WHERE user_id = "))
                        || text.contains("INTO \(table.name) ")
                        || (table.name == "users" && text.hasPrefix("DELETE FROM users"))
                        // What clients are still to be told names nobody any more.
                        || text.hasPrefix("UPDATE \(table.name) SET \(column) = NULL,")
                }
                #expect(isErased, "\(table.name).\(column)")
                seen.insert(table.name)
            }
        }
        #expect(seen.isSuperset(of: ["users", "sessions", "grants", "consents", "mails", "proofs", "person_keys"]))
    }

    @Test func comesOutWithoutSecretsAndWithoutOthers() async throws {
        try await withSQLite { storage, directory in
            let stores = storage.stores
            let zoe = User.withEveryFieldSet(email: "zoë@example.org", disabledAt: nil)
            _ = try await stores.users.insert(zoe)
            _ = try await stores.users.insert(.withNothingOptional(email: "ada@example.org"))
            try await stores.sessions.start(.withEveryFieldSet(), replacing: nil)
            try await stores.sessions.start(
                .withEveryFieldSet(digest: .numbered(9), id: "sid-ada", user: "u_9"), replacing: nil)
            _ = try await stores.secondFactors.authenticators.propose(.proposed())
            try await stores.mails.order(.withEveryFieldSet())
            _ = try await stores.persons.keep([1], of: zoe.id)
            let records = try PersonRecords(of: zoe, in: .sqlite(path: directory.file))
            #expect(records.tables.map(\.name) == ["mails", "sessions", "totp_keys", "users"])
            let account = try #require(records.tables.last?.rows.first)
            let fields = Dictionary(uniqueKeysWithValues: account.map { ($0.name, $0.value) })
            #expect(fields["email"] == .text("zoë@example.org") && fields["is_email_verified"] == .flag(true))
            #expect(fields["created_at"] == .moment(.noon) && fields["password_hash"] == nil)
            #expect(fields["disabled_at"] == nil)
            let sessions = try #require(records.tables.first { $0.name == "sessions" }?.rows)
            #expect(sessions.count == 1)
            #expect(sessions[0].contains { $0.name == "device" && $0.value == .text("Firefox on Linux") })
            #expect(!sessions[0].contains { $0.name == "digest" })
            let factors = try #require(records.tables.first { $0.name == "totp_keys" }?.rows)
            #expect(!factors[0].contains { $0.name == "sealed" } && factors[0].contains { $0.name == "created_at" })
        }
    }

    @Test func comesOutUnderEveryAddressOfTheAccount() async throws {
        try await withSQLite { storage, directory in
            let stores = storage.stores
            let zoe = User.withEveryFieldSet(email: "zoë@example.org", disabledAt: nil)
            _ = try await stores.users.insert(zoe)
            // Of another account, which had the address that is Zoë's now.
            try await stores.recourses.open(
                .withEveryFieldSet(id: .numbered(1), user: "u_9", email: "zoë@example.org", link: .numbered(2)),
                ordering: .waiting("of-ada", to: "before@example.net"))
            try await stores.recourses.open(
                .withEveryFieldSet(id: .numbered(3), link: .numbered(4)),
                ordering: .waiting("back", to: "before@example.org", proof: .numbered(3)))
            try await stores.proofs.open(
                EmailProof(
                    id: .numbered(5), purpose: .changeEmail, email: Email("wanted@example.org")!, userID: zoe.id,
                    name: "", passwordHash: nil, browser: nil, interaction: nil, link: nil, code: nil,
                    codeExpiresAt: nil, guesses: 0, mails: 1, createdAt: .noon, expiresAt: .noon + .seconds(60)),
                ordering: .waiting("forth", to: "wanted@example.org", proof: .numbered(5)))
            try await stores.proofs.open(.withNothingOptional(id: .numbered(6)), ordering: nil)
            let records = try PersonRecords(of: zoe, in: .sqlite(path: directory.file))
            func texts(_ table: String, _ column: String) -> [PersonRecords.Value] {
                (records.tables.first { $0.name == table }?.rows ?? []).joined().filter { $0.name == column }.map(
                    \.value)
            }
            #expect(texts("recourses", "email") == [.text("before@example.org")])
            #expect(texts("proofs", "email") == [.text("wanted@example.org")])
            #expect(texts("mails", "id") == [.text("back"), .text("forth")])
        }
    }
}
