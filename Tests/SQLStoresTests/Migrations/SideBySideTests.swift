import Stores
import Testing

@testable import SQLStores

@Suite("Programs of version N and N+1 work on one database")
struct SideBySideTests {
    /// What fails of a record on a database with these steps.
    private func failures(
        of record: RecordedStatements, on steps: Schema, in dialect: SQLDialect = .sqlite
    ) throws -> [Rehearsal.BrokenStatement] {
        try withDatabase(of: steps, in: dialect) { connection in
            try connection.beginAlone()
            defer { connection.rollBack() }
            return try record.failures(on: connection)
        }
    }

    private func check(_ schema: Int64, in dialect: SQLDialect) throws {
        let record = try #require(RecordedStatements.of(schema: schema))
        for newer in schema...Schema.current.number {
            let steps = Schema.until(newer)
            guard steps.scripts.allSatisfy({ $0.number <= schema || $0.compatibleFrom <= schema }) else { continue }
            #expect(try failures(of: record, on: steps, in: dialect) == [], "on schema \(newer)")
        }
    }

    @Test(arguments: RecordedStatements.all.map(\.schema))
    func whatOlderProgramsAskSucceedsOnEveryNewerSchema(schema: Int64) throws {
        try check(schema, in: .sqlite)
    }

    @Test(
        "What older programs ask succeeds on every newer schema of PostgreSQL", .postgreSQL,
        arguments: RecordedStatements.all.map(\.schema))
    func whatOlderProgramsAskSucceedsInPostgreSQL(schema: Int64) throws {
        try check(schema, in: .postgreSQL)
    }

    @Test(.postgreSQL) func aColumnThatIsGoneFromPostgreSQLIsNoticed() throws {
        let broken = Schema.later(compatibleFrom: 1, "ALTER TABLE clients RENAME COLUMN party TO side")
        let failures = try failures(of: .schema1, on: broken, in: .postgreSQL)
        #expect(failures.count == 3)
        #expect(failures.allSatisfy { $0.reason.contains("party") })
    }

    @Test func aColumnThatIsGoneIsNoticed() throws {
        let broken = Schema.later(compatibleFrom: 1, "ALTER TABLE clients RENAME COLUMN party TO side")
        let failures = try failures(of: .schema1, on: broken)
        #expect(failures.count == 3)
        #expect(failures.allSatisfy { $0.reason.contains("party") })
    }

    @Test func aColumnThatOlderProgramsDoNotFillIsNoticed() throws {
        let broken = Schema.later(
            compatibleFrom: 1,
            """
            DROP TABLE consents;
            CREATE TABLE consents (user_id TEXT, client_id TEXT, scope TEXT, given_at INTEGER, by TEXT NOT NULL);
            """
        )
        let failures = try failures(of: .schema1, on: broken)
        #expect(failures.count == 1)
        #expect(failures.first?.text.hasPrefix("INSERT INTO consents") == true)
    }

    @Test func tryingLeavesNothingBehind() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let connection = try SQLiteOpening.open(at: directory.file, role: .tool, schema: .migrate).connection
        defer { connection.close() }
        try connection.beginAlone()
        #expect(try RecordedStatements.schema1.failures(on: connection) == [])
        try connection.commit()
        for table in ["clients", "users", "sessions", "interactions", "codes", "grants", "consents", "signing_keys"] {
            #expect(try connection.run(once: "SELECT COUNT(*) FROM \(table)") == [Row([.integer(0)])], "\(table)")
        }
    }
}
