import Foundation
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import SQLStores

extension DatabaseFacts {
    fileprivate func finding(_ name: String) throws -> Finding {
        try #require(checks.first { $0.name == name }).run()
    }
}

@Suite("What is told about a database")
struct DatabaseFactsTests {
    private func worst(_ facts: some DatabaseFacts) -> [String] {
        facts.checks.map { ($0.name, $0.run()) }.filter { $0.1.verdict == .failed }.map { "\($0.0): \($0.1.found)" }
    }

    @Test func aFreshSQLiteDatabaseIsFine() async throws {
        try await withSQLite { storage, directory in
            #expect(try await storage.stores.clients.insert(.withEveryFieldSet()))
            let facts = SQLiteFacts(directory.file, depth: .deep)
            #expect(facts.isReachable && worst(facts) == [])
            for name in ["database", "schema", "integrity", "permissions", "clock", "write-ahead log"] {
                #expect(try facts.finding(name).verdict == .ok, "\(name)")
            }
            #expect(try facts.hasClient(Client.withEveryFieldSet().id))
            #expect(try !facts.hasClient(Client.withNothingOptional(id: "nobody").id))
            let exceptions = try facts.clientExceptions()
            #expect(exceptions.map(\.rules) == [Compatibility.allCases])
            #expect(try await storage.stores.clients.insert(.withNothingOptional(id: "sound")))
            var old = Client.withNothingOptional(id: "old")
            old.metadata.compatibility = [.hybrid, .pkceOptional]
            #expect(try await storage.stores.clients.insert(old))
            let named = try facts.clientExceptions()
            #expect(Set(named.map(\.id)) == [Client.withEveryFieldSet().id, old.id])
            #expect(named.first { $0.id == old.id }?.rules == [.pkceOptional, .hybrid])
            let keys = try facts.signingKeys()
            #expect(keys == [])
        }
    }

    @Test func looksMakeNoFile() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let facts = SQLiteFacts(directory.file, depth: .quick)
        #expect(!facts.isReachable && worst(facts) == [])
        #expect(try facts.finding("database").verdict == .warning)
        #expect(!FileManager.default.fileExists(atPath: directory.path))
    }

    @Test func aPendingSchemaIsNamed() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let first = Schema(scripts: [Schema.current.scripts[0]])
        try SQLiteOpening.open(at: directory.file, role: .server, schema: .migrate, steps: first).connection.close()
        let before = try SQLiteFacts(directory.file, depth: .quick).finding("schema")
        #expect(before.verdict == .warning && before.found.contains("pending: 2 ("))
        try SQLiteOpening.open(at: directory.file, role: .server, schema: .migrate).connection.close()
        #expect(try SQLiteFacts(directory.file, depth: .quick).finding("schema").verdict == .ok)
    }

    @Test func aDamagedIndexIsFoundByTheDeepLookAlone() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let storage = try SQLStorage.openSQLite(at: directory.file, role: .server)
        #expect(try await storage.stores.clients.insert(.withEveryFieldSet()))
        await storage.close()
        let raw = try RawSQLite(directory.file)
        try raw.execute("CREATE TABLE t (x); CREATE INDEX i ON t (x); INSERT INTO t VALUES (1)")
        // An index that lacks a row, as after a fault of the disk.
        try raw.execute("PRAGMA writable_schema = ON")
        try raw.execute("UPDATE sqlite_master SET sql = 'CREATE INDEX i ON t (x) WHERE x > 1' WHERE name = 'i'")
        try raw.execute("PRAGMA writable_schema = RESET")
        try raw.execute("INSERT INTO t VALUES (0)")
        try raw.execute("PRAGMA writable_schema = ON")
        try raw.execute("UPDATE sqlite_master SET sql = 'CREATE INDEX i ON t (x)' WHERE name = 'i'")
        try raw.execute("PRAGMA writable_schema = RESET")
        #expect(try SQLiteFacts(directory.file, depth: .quick).finding("integrity").verdict == .ok)
        let deep = try SQLiteFacts(directory.file, depth: .deep).finding("integrity")
        #expect(deep.verdict == .failed && deep.found.contains("index i") && deep.remedy != nil)
        #expect(!deep.found.contains("\n"))
    }

    @Test func filesThatOthersCanReadAreNamed() async throws {
        try await withSQLite { _, directory in
            chmod(directory.file, 0o644)
            let open = try SQLiteFacts(directory.file, depth: .quick).finding("permissions")
            #expect(open.verdict == .warning && open.remedy == "chmod 600 \(directory.file)")
            chmod(directory.file, 0o600)
            #expect(try SQLiteFacts(directory.file, depth: .quick).finding("permissions").verdict == .ok)
        }
    }

    @Test func aDatabaseOfTheFutureTellsOfTheClock() {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let storage = try? SQLiteOpening.open(at: directory.file, role: .server, schema: .migrate)
        storage?.connection.close()
        let files = SQLiteFiles(path: directory.file)
        let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        #expect(files.clock(now: now + .seconds(3600)).verdict == .ok)
        #expect(files.clock(now: now - .seconds(3600)).verdict == .warning)
        #expect(files.clock(now: Timestamp(seconds: 0)).verdict == .failed)
    }

    @Test(.postgreSQL) func aPostgreSQLDatabaseIsFine() async throws {
        try await withPostgreSQL { storage, schema in
            #expect(try await storage.stores.clients.insert(.withEveryFieldSet()))
            let facts = PostgreSQLFacts(try schema.settings(), connections: 1, clock: TestTime())
            #expect(facts.isReachable && worst(facts) == [])
            for name in ["database", "schema", "writing", "connections"] {
                #expect(try facts.finding(name).verdict == .ok, "\(name)")
            }
            #expect(try facts.finding("clock").found.contains("agree"))
            #expect(try facts.hasClient(Client.withEveryFieldSet().id))
            #expect(try !facts.hasClient(Client.withNothingOptional(id: "nobody").id))
            let many = PostgreSQLFacts(try schema.settings(), connections: 1_000_000, clock: TestTime())
            #expect(try many.finding("connections").verdict == .failed)
            let late = PostgreSQLFacts(try schema.settings(), connections: 1, clock: TestTime(late: .seconds(3600)))
            #expect(try late.finding("clock").verdict == .failed)
        }
    }

    @Test(.postgreSQL) func aPostgreSQLDatabaseWithoutTablesSaysSo() throws {
        let schema = try TemporarySchema()
        defer { try? schema.remove() }
        let facts = PostgreSQLFacts(try schema.settings(), connections: 1, clock: TestTime())
        #expect(try facts.finding("schema").verdict == .warning)
        #expect(try facts.signingKeys() == [])
        let readOnly = try PostgreSQLSettings(
            schema.address + "&target_session_attrs=any&options=-cdefault_transaction_read_only%3Don")
        #expect(
            try PostgreSQLFacts(readOnly, connections: 1, clock: TestTime()).finding("writing").verdict == .failed)
    }

    @Test func anUnreachablePostgreSQLServerIsOneFailureWithoutThePassword() throws {
        let settings = try PostgreSQLSettings("postgresql://martlet:hunter2@127.0.0.1:1/martlet")
        let facts = PostgreSQLFacts(settings, connections: 1, clock: TestTime())
        #expect(!facts.isReachable)
        #expect(facts.checks.map(\.name) == ["database"])
        let finding = try facts.finding("database")
        #expect(finding.verdict == .failed && finding.found.contains("127.0.0.1") && finding.remedy != nil)
        #expect(!"\(finding)".contains("hunter2"))
    }

    @Test(arguments: [
        (Int64(0), Finding.Verdict.ok), (900_000, .ok), (1_100_000, .warning), (-1_100_000, .warning),
        (40_000_000, .failed), (-40_000_000, .failed),
    ])
    func clocksApartAreTold(by microseconds: Int64, verdict: Finding.Verdict) {
        let now: Int64 = 1_800_000_000_000_000
        #expect(PostgreSQLFacts.skew(server: now + microseconds, between: now, and: now).verdict == verdict)
        // An answer that takes long says nothing about the time between.
        let during = PostgreSQLFacts.skew(server: now + microseconds, between: now - 60_000_000, and: now + 60_000_000)
        #expect(during.verdict == .ok)
    }

    @Test func connectionsAreCountedForEveryLoop() throws {
        #expect(try PostgreSQLSettings("", connections: 16).connections(loops: 2) == 16 + 4 + 1)
        #expect(try PostgreSQLSettings("", connections: 1).connections(loops: 4) == 4 + 8 + 1)
        func verdict(limit: Int64, free: Int64) -> Finding.Verdict {
            PostgreSQLConnectionCount(limit: limit, limiter: "the role", free: free).finding(needed: 21).verdict
        }
        #expect(verdict(limit: 20, free: 20) == .failed)
        #expect(verdict(limit: 100, free: 20) == .warning)
        #expect(verdict(limit: 100, free: 21) == .ok)
    }
}

/// The time of this machine, or a wrong one.
private struct TestTime: TimeSource {
    var late = Duration.zero

    var now: Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) - late
    }
}
