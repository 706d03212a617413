import AuthorizationServer
import Foundation
import JOSE
import JSON
import MartletTesting
import SQLStores
import Stores
import Testing

@testable import Martlet

@Suite("The commands doctor and backup, by the built program")
struct DoctorTests {
    private func martlet(
        _ line: String, in folder: TemporaryFolder, _ settings: [String: String] = [:]
    ) async throws -> MartletProcess.Outcome {
        try await MartletProcess.run(
            line.split(separator: " ").map(String.init), in: folder,
            environment: ["MARTLET_DATABASE": "sqlite:" + folder.path("martlet.db")].merging(settings) { $1 }
        )
    }

    /// The verdicts of a report by name.
    private func verdicts(_ outcome: MartletProcess.Outcome) throws -> [String: String] {
        let report = try JSONValue(parsing: outcome.output.trimmingCharacters(in: .newlines))
        let checks = try #require(report["checks"]?.array)
        let failed = checks.contains { $0["verdict"]?.string == "failed" }
        #expect(report["fine"]?.bool == !failed && outcome.status == (failed ? 1 : 0))
        var verdicts: [String: String] = [:]
        for check in checks { verdicts[try #require(check["name"]?.string)] = check["verdict"]?.string }
        return verdicts
    }

    /// A database with signing keys, and the master key that opens them.
    private func makeProvider(in folder: TemporaryFolder) async throws {
        chmod(folder.root, 0o700)
        let masterKey = try MasterKeyFile.generate(at: folder.path("master.key"))
        let storage = try SQLStorage.openSQLite(at: folder.path("martlet.db"), role: .server)
        try await KeyRotation(storage.stores.keys, masterKey: masterKey, clock: SystemClock(), policy: Policy()).begin()
        await storage.close()
    }

    @Test func aProviderIsFine() async throws {
        let folder = try TemporaryFolder()
        try await makeProvider(in: folder)
        let found = try verdicts(await martlet("doctor --json", in: folder))
        for name in ["settings", "database", "schema", "integrity", "permissions", "master key", "signing keys"] {
            #expect(found[name] == "ok", "\(name)")
        }
        let people = try await martlet("doctor --deep", in: folder)
        #expect(people.status == 0 && people.errors.isEmpty)
        #expect(people.output.split(separator: "\n").allSatisfy { $0.hasPrefix("ok ") || $0.hasPrefix("warning ") })
    }

    @Test func aLookMakesNothing() async throws {
        let folder = try TemporaryFolder()
        #expect(try await martlet("doctor", in: folder).status == 0)
        #expect(!FileManager.default.fileExists(atPath: folder.path("martlet.db")))
        #expect(!FileManager.default.fileExists(atPath: folder.path("master.key")))
    }

    @Test func aWrongOrMissingMasterKeyIsFound() async throws {
        let folder = try TemporaryFolder()
        try await makeProvider(in: folder)
        _ = try MasterKeyFile.generate(at: folder.path("other.key"))
        let other = try await martlet(
            "doctor --json", in: folder, ["MARTLET_MASTER_KEY_FILE": folder.path("other.key")])
        #expect(try verdicts(other)["master key"] == "ok")
        #expect(try verdicts(other)["signing keys"] == "failed")
        #expect(other.output.contains("of another master key"))
        let none = try await martlet("doctor --json", in: folder, ["MARTLET_MASTER_KEY_FILE": folder.path("no.key")])
        #expect(try verdicts(none)["master key"] == "failed" && verdicts(none)["signing keys"] == "failed")
        chmod(folder.path("master.key"), 0o644)
        #expect(try await verdicts(martlet("doctor --json", in: folder))["master key"] == "failed")
        chmod(folder.path("master.key"), 0o600)
        #expect(try await verdicts(martlet("doctor --json", in: folder))["signing keys"] == "ok")
    }

    @Test func clientsForWhichRulesAreOffAreNamed() async throws {
        let folder = try TemporaryFolder()
        try await makeProvider(in: folder)
        #expect(try await martlet("client add --id sound --scope a", in: folder).status == 0)
        #expect(try await verdicts(martlet("doctor --json", in: folder))["clients"] == "ok")
        let add = "client add --id old --scope a --set martlet_compatibility=[\"pkce_optional\"]"
        #expect(try await martlet(add, in: folder).status == 0)
        let said = try await martlet("doctor", in: folder)
        #expect(said.status == 0 && said.output.contains("old (pkce_optional)"))
        #expect(try await martlet("client show old", in: folder).output.contains("pkce_optional"))
    }

    @Test func productionMissesWhatTheServerWouldMiss() async throws {
        let folder = try TemporaryFolder()
        try await makeProvider(in: folder)
        var settings = ["MARTLET_MODE": "production"]
        let found = try verdicts(await martlet("doctor --json", in: folder, settings))
        #expect(found["settings"] == "failed" && found["master key"] == "failed" && found["demo access"] == "ok")
        settings["MARTLET_ISSUER"] = "https://login.example"
        settings["MARTLET_MASTER_KEY_FILE"] = folder.path("master.key")
        #expect(try await martlet("doctor", in: folder, settings).status == 0)
        #expect(try await martlet("client add --id demo --scope a", in: folder).status == 0)
        #expect(try await verdicts(martlet("doctor --json", in: folder, settings))["demo access"] == "failed")
    }

    @Test(
        "A password that makes an address fall apart is refused, and no piece of it is shown",
        arguments: ["secr3t/tail3", "secr3t@tail3", "5432/tail3"])
    func passwordsThatFallApart(_ password: String) async throws {
        let folder = try TemporaryFolder()
        let address = "postgresql://martlet:\(password)@127.0.0.1:1/martlet"
        for command in ["doctor", "user list", "migrate", "serve"] {
            let outcome = try await martlet(command, in: folder, ["MARTLET_DATABASE": address])
            #expect(outcome.status == 78 && outcome.errors.contains("%2F"), "\(command): \(outcome.errors)")
            #expect(!(outcome.output + outcome.errors).contains("secr3t"))
            #expect(!(outcome.output + outcome.errors).contains("tail3"))
        }
        // Encoded it is a password like another.
        let encoded = "postgresql://martlet:secr3t%2Ftail3@127.0.0.1:1/martlet"
        let outcome = try await martlet("doctor", in: folder, ["MARTLET_DATABASE": encoded])
        #expect(outcome.status == 1 && outcome.output.contains("does not answer"))
        #expect(!(outcome.output + outcome.errors).contains("tail3"))
    }

    @Test func anUnreachablePostgreSQLServerFailsWithoutThePassword() async throws {
        let folder = try TemporaryFolder()
        let address = "postgresql://martlet:hunter2secret@127.0.0.1:1/martlet"
        for format in ["", " --json"] {
            let outcome = try await martlet("doctor" + format, in: folder, ["MARTLET_DATABASE": address])
            #expect(outcome.status == 1 && outcome.output.contains("does not answer"))
            #expect(!(outcome.output + outcome.errors).contains("hunter2secret"))
        }
    }

    @Test func aBackupIsWrittenAndVerified() async throws {
        let folder = try TemporaryFolder()
        try await makeProvider(in: folder)
        #expect(try await martlet("backup copy.db", in: folder).status == 0)
        #expect(folder.mode("copy.db") == 0o600)
        let again = try await martlet("backup copy.db", in: folder)
        #expect(again.status == 1 && again.errors.contains("--force"))
        #expect(try await martlet("backup --force copy.db", in: folder).status == 0)
        let whole = try verdicts(await martlet("backup --verify copy.db --json", in: folder))
        #expect(whole == whole.mapValues { _ in "ok" } && whole["signing keys"] == "ok")

        _ = try MasterKeyFile.generate(at: folder.path("other.key"))
        let other = ["MARTLET_MASTER_KEY_FILE": folder.path("other.key")]
        #expect(try await verdicts(martlet("backup --verify copy.db --json", in: folder, other)) != whole)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("copy.db")))
        var damaged = bytes
        damaged.replaceSubrange(20_480..<20_900, with: Data(repeating: 0xFF, count: 420))
        for bad in [damaged, bytes.dropLast(4096), Data(), Data("no database".utf8)] {
            try bad.write(to: URL(fileURLWithPath: folder.path("bad.db")))
            chmod(folder.path("bad.db"), 0o600)
            let outcome = try await martlet("backup --verify bad.db", in: folder)
            #expect(outcome.status == 1 && outcome.output.contains("failed"))
        }
        #expect(try await martlet("backup --verify missing.db", in: folder).status == 1)
        #expect(try await martlet("backup --verify --force copy.db", in: folder).status == 64)
        let elsewhere = ["MARTLET_DATABASE": "postgresql://martlet@127.0.0.1:1/martlet"]
        #expect(try await martlet("backup more.db", in: folder, elsewhere).errors.contains("pg_dump"))
    }
}
