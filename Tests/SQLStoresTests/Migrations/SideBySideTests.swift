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

    /// What is left of somebody whom an older program erases, in tables that it does not know.
    private func checkErasure(by schema: Int64, in dialect: SQLDialect) throws {
        let record = try #require(RecordedStatements.of(schema: schema))
        let asked = Set(record.statements.map(\.text.description))
        let erasure = (PersonTable<SQLiteDatabase>.byAddress + PersonTable<SQLiteDatabase>.belongings)
            .filter { asked.contains($0.description) }
        #expect(erasure.count > 10 && !erasure.contains { $0.description.contains("profile_sources") })
        try withDatabase(of: .current, in: dialect) { connection in
            func add(_ user: String) throws {
                _ = try connection.ask(
                    """
                    INSERT INTO users (id, email, is_email_verified, name, created_at, updated_at)
                    VALUES ($1, $1, 1, '', 1, 1)
                    """, [.text(user)])
                _ = try connection.ask(
                    "INSERT INTO profile_sources (user_id, source, told, told_at) VALUES ($1, 'g', 'name=.Ada', 1)",
                    [.text(user)])
                _ = try connection.ask(
                    """
                    INSERT INTO pending_identities (digest, browser, connector_id, subject, user_id, sealed, created_at,
                        expires_at)
                    VALUES ($2, $2, 'g', 's', $1, $2, 1, 2)
                    """, [.text(user), .bytes(Array(user.utf8))])
            }
            func left() throws -> [Row] {
                let told = try connection.ask("SELECT user_id FROM profile_sources ORDER BY user_id", [])
                #expect(try connection.ask("SELECT user_id FROM pending_identities ORDER BY user_id", []) == told)
                return told
            }
            for user in ["u1", "u2", "u3"] { try add(user) }
            // One has a key already, the other has none.
            let keep: StaticString = "INSERT INTO person_keys (user_id, sealed) VALUES ($1, $2)"
            _ = try connection.ask(keep, [.text("u2"), .bytes([1])])
            for user in ["u1", "u2"] {
                for text in erasure { _ = try connection.ask(text, [.text(user)]) }
            }
            #expect(try left() == [Row([.text("u3")])])
            // Imported again, under the same identifier.
            try add("u1")
            _ = try connection.ask("UPDATE person_keys SET sealed = NULL WHERE user_id = 'u1'", [])
            #expect(try left() == [Row([.text("u1")]), Row([.text("u3")])])
        }
    }

    @Test(arguments: [Int64(4), 5])
    func whomAnOlderProgramErasesLeavesNothingInNewTables(schema: Int64) throws {
        try checkErasure(by: schema, in: .sqlite)
    }

    @Test(
        "Whom an older program erases leaves nothing in new tables of PostgreSQL", .postgreSQL,
        arguments: [Int64(4), 5])
    func whomAnOlderProgramErasesInPostgreSQL(schema: Int64) throws {
        try checkErasure(by: schema, in: .postgreSQL)
    }

    /// What the sixth step makes of links and memberships that were there.
    private func checkRemains(in dialect: SQLDialect) throws {
        try withDatabase(of: .until(5), in: dialect) { connection in
            let texts: [StaticString] = [
                """
                INSERT INTO users (id, email, is_email_verified, name, created_at, updated_at)
                VALUES ('u1', 'ada@example.com', 1, '', 1000000, 1000000)
                """,
                """
                INSERT INTO connectors (id, kind, name, settings, position, created_at, updated_at)
                VALUES ('g', 'oidc', 'G', '{}', 0, 1, 1)
                """,
                """
                INSERT INTO linked_identities (connector_id, subject, user_id, address, linked_at)
                VALUES ('g', 'with it', 'u1', 'ada@example.com', 1000009),
                    ('g', 'other address', 'u1', 'lovelace@example.com', 1000009),
                    ('g', 'no address', 'u1', NULL, 1000009),
                    ('g', 'before it', 'u1', 'ada@example.com', 999999),
                    ('g', 'later', 'u1', 'ada@example.com', 61000000),
                    ('g', 'of nobody', 'u9', 'ada@example.com', 1000009)
                """,
                """
                INSERT INTO memberships (user_id, kind, name, source)
                VALUES ('u1', 'group', 'a', ''), ('u1', 'group', 'b', 'g'), ('u1', 'group', 'c', 'gone')
                """,
            ]
            for text in texts { _ = try connection.ask(text, []) }
            _ = try Schema.current.bringUpToDate(connection, .migrate)
            #expect(
                try connection.ask("SELECT subject FROM linked_identities WHERE is_founding = 1", [])
                    == [Row([.text("with it")])])
            #expect(
                try connection.ask("SELECT name FROM memberships ORDER BY name", [])
                    == [Row([.text("a")]), Row([.text("b")])])
        }
    }

    @Test func theSixthStepFindsLinksThatCameWithTheirAccount() throws { try checkRemains(in: .sqlite) }

    @Test(.postgreSQL) func theSixthStepFindsThemInPostgreSQL() throws { try checkRemains(in: .postgreSQL) }

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
