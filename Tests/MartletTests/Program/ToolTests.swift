import Foundation
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Martlet
@testable import SQLStores

@Suite("What commands make of their database, by the built program")
struct ToolTests {
    private func martlet(_ line: String, in folder: TemporaryFolder) async throws -> MartletProcess.Outcome {
        try await MartletProcess.run(
            line.split(separator: " ").map(String.init), in: folder,
            environment: ["MARTLET_DATABASE": "sqlite:" + folder.path("data/martlet.db")])
    }

    private func isThere(_ name: String, in folder: TemporaryFolder) -> Bool {
        FileManager.default.fileExists(atPath: folder.path(name))
    }

    /// The last step that the database has.
    private func step(in folder: TemporaryFolder) throws -> Int64 {
        try SQLiteOpening.status(at: folder.path("data/martlet.db")).number
    }

    @Test(arguments: [
        "user list", "client list", "client show shop", "keys list", "keys rotate", "mail list", "mail retry",
        "audit list", "audit export", "user disable ada@example.com", "audit verify --database",
    ])
    func whatLooksForSomethingMakesNoDatabase(_ line: String) async throws {
        let folder = try TemporaryFolder()
        _ = try MasterKeyFile.generate(at: folder.path("master.key"))
        let outcome = try await MartletProcess.run(
            line.split(separator: " ").map(String.init), in: folder,
            environment: [
                "MARTLET_DATABASE": "sqlite:" + folder.path("data/martlet.db"),
                "MARTLET_MASTER_KEY_FILE": folder.path("master.key"),
            ])
        #expect(outcome.status == 69)
        #expect(outcome.errors.contains("there is no database yet"))
        #expect(!isThere("data", in: folder))
    }

    @Test(arguments: ["user add --email ada@example.com", "client add --id shop --scope a", "migrate"])
    func whatComesFirstMakesTheDatabase(_ line: String) async throws {
        let folder = try TemporaryFolder()
        #expect(try await martlet(line, in: folder).status == 0)
        #expect(try step(in: folder) == Schema.current.number)
        #expect(try await martlet("user list", in: folder).status == 0)
    }

    @Test func onlyMigrateBringsTheSchemaUpToDate() async throws {
        let folder = try TemporaryFolder()
        let first = Schema(scripts: [Schema.current.scripts[0]])
        try SQLiteOpening.open(at: folder.path("data/martlet.db"), role: .server, schema: .migrate, steps: first)
            .connection.close()
        for line in ["user list", "audit list", "user add --email ada@example.com", "client add --id shop --scope a"] {
            let outcome = try await martlet(line, in: folder)
            #expect(outcome.status == 69 && outcome.errors.contains("martlet migrate"), "\(line)")
            #expect(try step(in: folder) == 1)
        }
        #expect(try await martlet("migrate", in: folder).status == 0)
        #expect(try await martlet("user add --email ada@example.com", in: folder).status == 0)
    }

    @Test func aCommandThatTheLogDoesNotTakeSaysThatItWasDone() async throws {
        let folder = try TemporaryFolder()
        let (connection, _) = try SQLiteOpening.open(
            at: folder.path("data/martlet.db"), role: .tool, schema: .migrate)
        defer { connection.close() }
        try connection.run(
            """
            CREATE TRIGGER full BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'no room'); END
            """)
        let refused = try await martlet("client add --id shop --redirect-uri https://shop.example/cb", in: folder)
        #expect(refused.status != 0)
        #expect(refused.errors.contains("it was done") && refused.errors.contains("client_added"))
        // The secret of the client that is there by now is not lost.
        #expect(refused.output.contains("Secret "))
        #expect(try await martlet("client show shop", in: folder).status == 0)
        try connection.run("DROP TRIGGER full")
        let taken = try await martlet("client add --id boat --scope a", in: folder)
        #expect(taken.status == 0 && taken.errors.isEmpty)
    }

    @Test func whatCannotBeOpenedIsLeftOutOfWhatIsGivenOut() async throws {
        let folder = try TemporaryFolder()
        _ = try MasterKeyFile.generate(at: folder.path("data.key"))
        let storage = try SQLStorage.openSQLite(at: folder.path("data/martlet.db"), role: .tool)
        let zoe = User.withEveryFieldSet(email: "zoe@example.org", disabledAt: nil)
        #expect(try await storage.stores.users.insert(zoe))
        // No master key has sealed this.
        _ = try await storage.stores.persons.keep([1, 2, 3], of: zoe.id)
        try await storage.stores.audit.append([
            AuditEvent(
                id: "0006", at: .noon, action: "sign_in", outcome: .succeeded, actor: .stranger, subject: zoe.id,
                client: nil, requestID: nil, network: nil, details: nil, sealed: [1])
        ])
        await storage.close()
        let settings = [
            "MARTLET_DATABASE": "sqlite:" + folder.path("data/martlet.db"),
            "MARTLET_MASTER_KEY_FILE": folder.path("data.key"),
        ]
        for line in [["user", "export", "zoe@example.org"], ["audit", "export", "--personal"]] {
            let outcome = try await MartletProcess.run(line, in: folder, environment: settings)
            #expect(outcome.status == 1 && outcome.errors.contains("what 1 events tell"), "\(outcome.errors)")
            let end = outcome.output.split(separator: "\n").last ?? ""
            #expect(line[0] == "audit" ? end.contains("\"end\"") : end.hasSuffix("]}"))
            if line[0] == "user" { _ = try JSONValue(parsing: outcome.output.trimmingCharacters(in: .newlines)) }
        }
    }

    @Test func whatIsRareIsFoundHoweverLongAgo() async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLStorage.openSQLite(at: folder.path("data/martlet.db"), role: .tool)
        let clock = TestClock(Timestamp(seconds: SystemClock().now.seconds - 40 * 86_400))
        let audit = AuditTrail(storage.stores, masterKey: nil, clock: clock, random: SystemRandom())
        try await audit.note(.keyRevoked, from: .here)
        for _ in 0..<20 {
            clock.advance(by: .seconds(2 * 86_400))
            try await audit.note(.clientAdded, from: .here)
        }
        let linker = AuditLinker(storage.stores, issuer: "", masterKey: nil, audit: audit, clock: clock)
        #expect(try await linker.link() == 21)
        // Of a clock that was behind.
        clock.advance(by: .seconds(-900 * 86_400))
        try await audit.note(.keyRevoked, from: .here)
        await storage.close()
        func count(_ line: String) async throws -> Int {
            let outcome = try await martlet(line + " --json", in: folder)
            return try JSONValue(parsing: outcome.output.trimmingCharacters(in: .newlines)).array?.count ?? -1
        }
        #expect(try await count("audit list --action key_revoked") == 2)
        #expect(try await count("audit list --action key_revoked --limit 1") == 1)
        #expect(try await count("audit list --action client_added") == 20)
        #expect(try await count("audit list --action client_added --limit 7") == 7)
        #expect(try await count("audit list --action client_added --since 9d") == 5)
        #expect(try await count("audit list --action key_revoked --since 41d --until 39d") == 1)
        #expect(try await count("audit list --outcome succeeded") == 22)
    }

    @Test func aDisabledAccountIsEnabledAgain() async throws {
        let folder = try TemporaryFolder()
        #expect(try await martlet("user add --email ada@example.com", in: folder).status == 0)
        let untouched = try await martlet("user enable ada@example.com", in: folder)
        #expect(untouched.status == 0 && untouched.output == "It was not disabled.\n")
        #expect(try await martlet("user disable ada@example.com", in: folder).status == 0)
        #expect(try await martlet("user enable ada@example.com", in: folder).output == "The account is enabled.\n")
        let users = try await martlet("user list --json", in: folder).output
        #expect(users.contains("\"disabled\":false"))
        let log = try await martlet("audit list --json", in: folder).output
        #expect(log.components(separatedBy: "account_enabled").count == 2)
        #expect(try await martlet("user enable ben@example.com", in: folder).status == 1)
    }
}
