import Foundation
import MartletTesting
import Stores
import Testing

@testable import SQLStores

@Suite("Schema: steps forward in PostgreSQL", .postgreSQL)
struct PostgreSQLSchemaTests {
    private var newest: Int64 { Schema.current.number }

    @discardableResult
    private func open(_ schema: TemporarySchema, _ steps: Schema = .current) throws -> [Int64] {
        try PostgreSQLOpening.bringUpToDate(schema.settings(), schema: .migrate, steps: steps).map(\.number)
    }

    /// Opens as often as it takes.
    private func openInTheEnd(_ schema: TemporarySchema, _ steps: Schema) async throws -> [Int64] {
        while true {
            do {
                return try open(schema, steps)
            } catch StorageError.busy {
                await Task.yield()
            }
        }
    }

    private func number(of schema: TemporarySchema) throws -> Int64 {
        try PostgreSQLOpening.status(schema.settings()).number
    }

    /// Columns and indexes.
    private func shape(of schema: TemporarySchema) throws -> [Row] {
        try schema.probe().run(
            """
            SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns
            WHERE table_schema = current_schema()
            UNION ALL SELECT replace(indexdef, current_schema(), '') FROM pg_indexes WHERE schemaname = current_schema()
            ORDER BY 1
            """
        )
    }

    // A step that databases have must not change: give the schema another one instead.
    @Test func releasedStepsAreAsTheyWere() {
        #expect(
            Schema.current.steps(in: .postgreSQL).prefix(5).map(\.checksum) == [
                -1_247_955_065_734_710_895, 3_026_633_776_566_726_956, 5_704_380_636_168_512_581,
                -8_895_650_146_358_946_125, 1_740_209_574_459_900_162,
            ])
    }

    @Test func everyOlderDatabaseIsBroughtToTheNewestAtOnce() throws {
        let fresh = try TemporarySchema()
        #expect(try open(fresh) == Array(1...newest))
        for older in 0..<newest {
            let schema = try TemporarySchema()
            try open(schema, .until(older))
            #expect(try number(of: schema) == older)
            #expect(try open(schema) == Array(older + 1...newest))
            #expect(try open(schema) == [])
            let status = try PostgreSQLOpening.status(schema.settings())
            #expect(status.applied == Schema.current.steps(in: .postgreSQL) && status.pending == [])
            let (found, expected) = try (shape(of: schema), shape(of: fresh))
            #expect(found == expected && !found.isEmpty)
            try schema.remove()
        }
        try fresh.remove()
    }

    @Test func openersAtOnceUpgradeOnce() async throws {
        let schema = try TemporarySchema()
        try open(schema, .until(1))
        let applied = try await concurrently(6) { try open(schema) }
        #expect(applied.count { !$0.isEmpty } == 1)
        #expect(try number(of: schema) == newest)
        try schema.remove()
    }

    // An opener looks, begins, waits for the lock, and looks again: that look must not answer from the first one's memory.
    @Test func whatAnotherOpenerDidWhileThisOneWaitedIsSeen() throws {
        let schema = try TemporarySchema()
        let (session, other) = try (PostgreSQLSession(schema.settings()), schema.probe())
        defer { session.close() }
        try session.run("BEGIN")
        #expect(try !session.hasListOfSteps())
        // Little is changed: the news of much would interrupt the session, and it would forget by itself.
        try other.run("CREATE TABLE schema_migrations (number bigint)")
        #expect(try session.hasListOfSteps())
        session.rollBack()
        try schema.remove()
    }

    @Test func aStepThatFailsLeavesEverythingAsItWas() throws {
        let schema = try TemporarySchema()
        try open(schema, .until(1))
        let before = try shape(of: schema)
        let broken = Schema.later(compatibleFrom: 1, "CREATE TABLE half (a int); INSERT INTO none VALUES (1);")
        #expect(throws: StorageError.self) { try open(schema, broken) }
        let after = try shape(of: schema)
        #expect(after == before)
        #expect(try open(schema) == Array(2...newest))
        try schema.remove()
    }

    @Test func anOlderProgramWorksWithANewerSchemaThatSaysSo() throws {
        let schema = try TemporarySchema()
        try open(schema, .later(compatibleFrom: newest))
        #expect(try open(schema) == [])
        #expect(try number(of: schema) == newest + 1)
        try schema.probe().run("UPDATE schema_migrations SET compatible_from = number WHERE number = \(newest + 1)")
        #expect(throws: StorageError.schemaFromTheFuture(found: newest + 1, known: newest)) { try open(schema) }
        try schema.remove()
    }

    @Test func aSchemaThatComesLaterInTheSearchPathIsAnotherIssuers() throws {
        let (mine, other) = try (TemporarySchema(), TemporarySchema())
        #expect(try open(other) == Array(1...newest))
        let both = try PostgreSQLSettings(
            mine.address.replacing("search_path%3D\(mine.name)", with: "search_path%3D\(mine.name)%2C\(other.name)"))
        #expect(try PostgreSQLOpening.bringUpToDate(both, schema: .migrate).map(\.number) == Array(1...newest))
        let (found, expected) = try (shape(of: mine), shape(of: other))
        #expect(found == expected)
        try mine.remove()
        try other.remove()
    }

    @Test(.timeLimit(.minutes(5))) func aTableInUseIsWaitedForWithoutHoldingUpOthers() async throws {
        let schema = try TemporarySchema()
        try open(schema)
        let (user, other) = try (schema.probe(), schema.probe())
        try user.run("SET idle_in_transaction_session_timeout = 0")
        try user.run("BEGIN")
        try user.run("SELECT count(*) FROM clients")
        async let applied = openInTheEnd(
            schema, .later(compatibleFrom: 1, "ALTER TABLE clients ADD COLUMN later bigint"))
        // The step waits for the table, and then again: it gave its place in the queue up in between.
        var waits: Set<Int64> = []
        while waits.count < 2 {
            let since = try other.number(
                """
                SELECT CAST(extract(epoch FROM xact_start) * 1000000 AS bigint) FROM pg_stat_activity
                WHERE wait_event_type = 'Lock' AND application_name = '\(schema.name)'
                """
            )
            if let since { waits.insert(since) }
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try other.number("SELECT count(*) FROM clients") == 0)
        #expect(try number(of: schema) == newest)
        try user.run("COMMIT")
        #expect(try await applied == [newest + 1])
        try schema.remove()
    }
}
