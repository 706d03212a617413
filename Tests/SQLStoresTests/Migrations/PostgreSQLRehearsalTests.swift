import Foundation
import MartletTesting
import Stores
import Testing

@testable import SQLStores

@Suite("Rehearsals in a schema beside the one of PostgreSQL", .postgreSQL)
struct PostgreSQLRehearsalTests {
    /// A schema of the first step with a hundred clients.
    private func withClients(_ body: (TemporarySchema) async throws -> Void) async throws {
        let schema = try TemporarySchema()
        _ = try PostgreSQLOpening.bringUpToDate(schema.settings(), schema: .migrate, steps: .until(1))
        try schema.probe().run(
            """
            INSERT INTO clients SELECT 'c' || i, 'name', NULL, 'none', '', '', '', '', 'third', i
            FROM generate_series(1, 100) AS i
            """
        )
        do {
            try await body(schema)
        } catch {
            try? schema.remove()
            throw error
        }
        try schema.remove()
    }

    private func rehearse(
        _ schema: TemporarySchema, _ steps: Schema = .current, sample: Int64 = 10
    ) throws -> Rehearsal {
        try ended { try PostgreSQLRehearsal.run(schema.settings(), sample: sample, steps: steps) }
    }

    /// The server may take a moment to notice the end of the session before, which has the lock for so long.
    private func ended(_ rehearse: () throws -> Rehearsal) throws -> Rehearsal {
        for _ in 0..<3000 {
            do { return try rehearse() } catch StorageError.busy { usleep(20_000) }
        }
        return try rehearse()
    }

    private func copies(of schema: TemporarySchema) throws -> Int64? {
        try schema.probe().number(
            "SELECT count(*) FROM pg_namespace WHERE nspname = \(PostgreSQLRehearsal.nameOfCopy)")
    }

    @Test func theStepsRunOnACopyAndNothingChanges() async throws {
        try await withClients { schema in
            let rehearsal = try rehearse(schema)
            #expect(rehearsal.steps.map(\.step) == rehearsal.status.pending)
            #expect(rehearsal.steps.map(\.step.number) == Array(2...Schema.current.number))
            #expect(rehearsal.steps.allSatisfy { $0.failure == nil && $0.duration > .zero })
            #expect(
                rehearsal.steps.first?.locks == [.init(table: "schema_migrations", mode: "AccessExclusiveLock")])
            #expect(rehearsal.tables.first { $0.name == "clients" } == .init(name: "clients", rows: 100, copied: 10))
            #expect(rehearsal.tried == RecordedStatements.schema1.statements.count)
            #expect(rehearsal.broken == [] && rehearsal.isFine)
            #expect(try PostgreSQLOpening.status(schema.settings()).number == 1)
            #expect(try copies(of: schema) == 0)
        }
    }

    @Test func locksAndEstimatesAreOfTheTablesThatAStepChanges() async throws {
        try await withClients { schema in
            let steps = Schema.later(
                compatibleFrom: 1, "CREATE INDEX later ON clients (name); CREATE TABLE fresh (a bigint);")
            let last = try #require(try rehearse(schema, steps).steps.last)
            #expect(last.locks == [.init(table: "clients", mode: "ShareLock")])
            #expect(last.estimate == last.duration * 10.0)
        }
    }

    @Test func withNothingPendingNothingIsCopied() async throws {
        try await withClients { schema in
            _ = try PostgreSQLOpening.bringUpToDate(schema.settings(), schema: .migrate)
            let rehearsal = try rehearse(schema)
            #expect(rehearsal.status.pending == [] && rehearsal.tables == [] && rehearsal.steps == [])
        }
    }

    @Test func rowsThatAStepCannotTakeAreReported() async throws {
        try await withClients { schema in
            let steps = Schema.later(compatibleFrom: 1, "CREATE UNIQUE INDEX later ON clients (name)")
            let rehearsal = try rehearse(schema, steps)
            #expect(rehearsal.steps.first?.failure == nil)
            #expect(rehearsal.steps.last?.failure != nil && !rehearsal.isFine)
            #expect(try rehearse(schema, steps, sample: 1).isFine)
            #expect(try copies(of: schema) == 0)
        }
    }

    @Test func whatOlderProgramsCouldNoLongerAskIsReported() async throws {
        try await withClients { schema in
            let steps = Schema.later(compatibleFrom: 1, "ALTER TABLE clients RENAME COLUMN party TO side")
            let rehearsal = try rehearse(schema, steps)
            #expect(rehearsal.broken.count == 3 && !rehearsal.isFine)
            #expect(try schema.probe().number("SELECT count(party) FROM clients") == 100)
        }
    }

    @Test func whatAnInterruptedRehearsalLeftIsRemoved() async throws {
        try await withClients { schema in
            try schema.probe().run(
                """
                DO $$ DECLARE copy text := \(PostgreSQLRehearsal.nameOfCopy); BEGIN
                    EXECUTE 'CREATE SCHEMA ' || copy;
                    EXECUTE 'CREATE TABLE ' || copy || '.clients (a bigint)';
                END $$
                """
            )
            #expect(try copies(of: schema) == 1)
            #expect(try rehearse(schema).isFine)
            #expect(try copies(of: schema) == 0)
        }
    }

    @Test func aSecondOneAtOnceIsRefused() async throws {
        try await withClients { schema in
            let first = try schema.probe()
            let lock = "(\(PostgreSQLOpening.lockSpace), hashtext(\(PostgreSQLRehearsal.nameOfCopy)))"
            try first.run("SELECT pg_advisory_lock\(lock)")
            #expect(throws: StorageError.busy) { try PostgreSQLRehearsal.run(schema.settings(), sample: 10) }
            try first.run("SELECT pg_advisory_unlock\(lock)")
            #expect(try rehearse(schema).isFine)
            #expect(try copies(of: schema) == 0)
        }
    }

    @Test func aRoleThatMayMakeNoSchemaIsToldHowItMay() async throws {
        try await withClients { schema in
            let role = schema.name + "_r"
            let probe = try schema.probe()
            try probe.run("CREATE ROLE \(role) LOGIN")
            try probe.run("GRANT USAGE ON SCHEMA \(schema.name) TO \(role)")
            try probe.run("GRANT SELECT ON ALL TABLES IN SCHEMA \(schema.name) TO \(role)")
            let settings = try PostgreSQLSettings(schema.address + "&user=\(role)")
            let error = #expect(throws: StorageError.self) {
                try PostgreSQLRehearsal.run(settings, sample: 10)
            }
            #expect(error?.description.contains("GRANT CREATE ON DATABASE") == true)
            try probe.run(
                """
                DO $$ BEGIN
                    EXECUTE format('GRANT CREATE ON DATABASE %I TO \(role)', current_database());
                END $$
                """
            )
            #expect(try ended { try PostgreSQLRehearsal.run(settings, sample: 10) }.isFine)
            try probe.run("DROP OWNED BY \(role)")
            try probe.run("DROP ROLE \(role)")
        }
    }
}
