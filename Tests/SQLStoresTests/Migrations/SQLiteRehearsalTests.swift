import Foundation
import MartletTesting
import Stores
import Testing

@testable import SQLStores

@Suite("Rehearsals on a copy of a SQLite file")
struct SQLiteRehearsalTests {
    private let directory = TemporaryDirectory()

    /// A database of the first schema with so many clients.
    private func prepare(clients: Int = 100) throws {
        try SQLiteOpening.open(at: directory.file, role: .tool, schema: .migrate, steps: .until(1)).connection.close()
        try RawSQLite(directory.file).execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(clients))
            INSERT INTO clients SELECT 'c' || i, 'name', NULL, 'none', '', '', '', '', 'third', i FROM n
            """
        )
    }

    /// What stands in the database and in its directory.
    private func everything() throws -> [String] {
        let raw = try RawSQLite(directory.file)
        return try raw.column("PRAGMA journal_mode") + raw.column("SELECT sql FROM sqlite_master")
            + raw.column("SELECT number FROM schema_migrations") + raw.column("SELECT id FROM clients")
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { !$0.hasSuffix("-shm") }.sorted()
    }

    @Test func theStepsRunOnACopyAndNothingChanges() throws {
        defer { directory.remove() }
        try prepare()
        let (before, filesBefore) = (try everything(), try files())
        let rehearsal = try Rehearsal.ofSQLite(at: directory.file, sample: 10)
        #expect(rehearsal.steps.map(\.step) == rehearsal.status.pending)
        #expect(rehearsal.steps.map(\.step.number) == Array(2...Schema.current.number))
        #expect(rehearsal.steps.allSatisfy { $0.failure == nil && $0.duration > .zero })
        #expect(rehearsal.steps.first?.locks == [Rehearsal.Lock(table: nil, mode: "writer lock")])
        #expect(rehearsal.tables.first { $0.name == "clients" } == .init(name: "clients", rows: 100, copied: 10))
        #expect(rehearsal.tried == RecordedStatements.schema1.statements.count)
        #expect(rehearsal.isFine && rehearsal.isCompatible)
        #expect(try everything() == before)
        #expect(try files() == filesBefore)
    }

    @Test func withNothingPendingNothingIsCopied() throws {
        defer { directory.remove() }
        try SQLiteOpening.open(at: directory.file, role: .tool, schema: .migrate).connection.close()
        let rehearsal = try Rehearsal.ofSQLite(at: directory.file, sample: 10)
        #expect(rehearsal.status.pending == [] && rehearsal.tables == [] && rehearsal.steps == [])
        #expect(rehearsal.isFine)
    }

    @Test func theEstimateGrowsWithTheTablesThatAStepNames() throws {
        defer { directory.remove() }
        try prepare()
        let steps = Schema.later(compatibleFrom: 1, "CREATE INDEX later ON clients (name)")
        let rehearsal = try SQLiteRehearsal.run(at: directory.file, sample: 10, steps: steps)
        let last = try #require(rehearsal.steps.last)
        #expect(last.estimate == last.duration * 10.0)
        let first = try #require(rehearsal.steps.first)
        #expect(first.estimate == first.duration)
        let whole = try SQLiteRehearsal.run(at: directory.file, sample: 1000, steps: steps)
        #expect(whole.steps.last?.estimate == whole.steps.last?.duration)
    }

    @Test func rowsThatAStepCannotTakeAreReported() throws {
        defer { directory.remove() }
        try prepare()
        let steps = Schema.later(compatibleFrom: 1, "CREATE UNIQUE INDEX later ON clients (name)")
        let rehearsal = try SQLiteRehearsal.run(at: directory.file, sample: 10, steps: steps)
        #expect(rehearsal.steps.first?.failure == nil)
        #expect(rehearsal.steps.last?.failure?.contains("clients") == true)
        #expect(!rehearsal.isFine)
        // One row is unique.
        #expect(try SQLiteRehearsal.run(at: directory.file, sample: 1, steps: steps).isFine)
    }

    @Test func whatOlderProgramsCouldNoLongerAskIsReported() throws {
        defer { directory.remove() }
        try prepare()
        let before = try everything()
        let steps = Schema.later(compatibleFrom: 1, "ALTER TABLE clients RENAME COLUMN party TO side")
        let rehearsal = try SQLiteRehearsal.run(at: directory.file, sample: 10, steps: steps)
        #expect(rehearsal.broken.count == 3)
        #expect(!rehearsal.isFine && !rehearsal.isCompatible)
        #expect(try everything() == before)
    }

    @Test func aStepThatLeavesTheRunningProgramBehindIsReported() throws {
        defer { directory.remove() }
        try prepare()
        let steps = Schema.later(compatibleFrom: 2)
        let rehearsal = try SQLiteRehearsal.run(at: directory.file, sample: 10, steps: steps)
        #expect(rehearsal.broken == [] && !rehearsal.isCompatible && !rehearsal.isFine)
        #expect(try SQLiteRehearsal.run(at: directory.file, sample: 10, steps: .later(compatibleFrom: 1)).isFine)
    }

    @Test func aStepReachesNothingOfTheDatabaseItself() throws {
        defer { directory.remove() }
        try prepare()
        let steps = Schema.later(compatibleFrom: 1, "DELETE FROM original.clients")
        let rehearsal = try SQLiteRehearsal.run(at: directory.file, sample: 10, steps: steps)
        #expect(rehearsal.steps.last?.failure?.contains("original") == true)
        #expect(try RawSQLite(directory.file).column("SELECT COUNT(*) FROM clients") == ["100"])
    }

    @Test func whatAnOperatorAddedIsCopiedToo() throws {
        defer { directory.remove() }
        try prepare()
        try RawSQLite(directory.file).execute(
            """
            CREATE TABLE "their ""own"" table" (a TEXT);
            INSERT INTO "their ""own"" table" VALUES ('x');
            CREATE VIEW shown AS SELECT party FROM clients;
            CREATE TRIGGER kept AFTER INSERT ON clients BEGIN SELECT 1; END;
            """
        )
        let rehearsal = try SQLiteRehearsal.run(
            at: directory.file, sample: 10, steps: .later(compatibleFrom: 1, "ALTER TABLE clients DROP COLUMN party")
        )
        #expect(rehearsal.tables.contains { $0.name == "their \"own\" table" && $0.copied == 1 })
        #expect(rehearsal.steps.last?.failure?.contains("shown") == true)
        #expect(try Rehearsal.ofSQLite(at: directory.file, sample: 10).isFine)
    }

    @Test func aDatabaseThatIsMissingIsNotMade() throws {
        #expect(throws: StorageError.self) { try Rehearsal.ofSQLite(at: directory.file, sample: 10) }
        #expect(!FileManager.default.fileExists(atPath: directory.path))
    }
}
