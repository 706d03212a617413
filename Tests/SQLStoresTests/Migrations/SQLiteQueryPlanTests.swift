import Stores
import Testing

@testable import SQLStores

/// Which statements may read a whole table.
enum Scans {
    /// Tables that hold a handful of rows, or as many as an operator made by hand.
    ///
    /// The view `ways_in` is a table of one person's rows by then: what it is made of is searched by their indexes.
    static let small: Set<String> = [
        "clients", "resources", "connectors", "versions", "signing_keys", "schema_migrations", "ways_in",
    ]

    /// Removing a client, a rare act of an operator, reads its way through what lives minutes: an index on the client
    /// would cost something with every sign-in.
    static let excused: Set<String> = [
        "DELETE FROM codes WHERE client_id = $1", "DELETE FROM interactions WHERE client_id = $1",
        // So does erasing a person, with what lives a day at most.
        "DELETE FROM mails WHERE recipient = (SELECT email FROM users WHERE id = $1)",
        "DELETE FROM proofs WHERE email = (SELECT email FROM users WHERE id = $1)",
        "DELETE FROM codes WHERE grant_id IN (SELECT id FROM grants WHERE user_id = $1)",
        // An operator who wants to know which groups there are has them counted.
        "SELECT name, COUNT(DISTINCT user_id) FROM memberships WHERE kind = $1 GROUP BY name ORDER BY name",
        // What is counted is what waits, and that is what the table holds.
        "SELECT COUNT(*), COUNT(gave_up_at) FROM mails",
        """
        SELECT (SELECT COUNT(*) FROM participations WHERE due_at IS NOT NULL),
            (SELECT COUNT(*) FROM participations WHERE gave_up_at IS NOT NULL)
        """,
        // Erasing an account, a rare act: what waits to be sent, and what waits for its proof, lives for days at most.
        """
        DELETE FROM mails WHERE recipient IN
            (SELECT email FROM users WHERE id = $1 UNION SELECT email FROM recourses WHERE user_id = $1)
        """,
        """
        DELETE FROM mails WHERE recipient = (SELECT email FROM users WHERE id = $1)
            OR proof IN
                (SELECT id FROM proofs WHERE user_id = $1 UNION ALL SELECT id FROM recourses WHERE user_id = $1)
            OR (proof IS NULL AND recipient IN
                (SELECT r.email FROM recourses r WHERE r.user_id = $1
                    AND NOT EXISTS (SELECT 1 FROM users u WHERE u.email = r.email)))
        """,
    ]

    /// What is wrong with a statement that reads these tables whole.
    static func refused(_ statement: RecordedStatement, scanned: Set<String>) -> Set<String> {
        excused.contains(statement.text.description) ? [] : scanned.subtracting(small)
    }

    /// Whether a statement revokes the grants of one person to one client.
    static func isWithdrawal(_ statement: RecordedStatement) -> Bool {
        let text = statement.text.description
        return text.hasPrefix("UPDATE grants") && text.contains("user_id = $1 AND client_id = $2")
    }
}

@Suite("SQLite: no statement reads a large table whole")
struct SQLiteQueryPlanTests {
    /// The rows of each table.
    static let rows = 20_000

    /// A database with so many rows of everything, and an index less.
    private func withRows(
        analyzed: Bool, without index: String? = nil, _ body: (SQLiteConnection) throws -> Void
    ) throws {
        let temporary = try TemporaryConnection()
        defer { temporary.end() }
        let connection = temporary.connection
        try connection.run("BEGIN")
        for text in SQLiteQueryPlanTests.fillings {
            try connection.run(
                once: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) " + text,
                [.integer(Int64(SQLiteQueryPlanTests.rows))]
            )
        }
        if let index { try connection.run(once: "DROP INDEX \(index)") }
        try connection.run("COMMIT")
        if analyzed { try connection.run("ANALYZE") }
        try body(connection)
    }

    /// Ten clients, and for everything else a row for each number.
    private static let fillings = [
        """
        INSERT INTO clients SELECT 'c' || i, 'name', NULL, 'none', '', '', '', '', 'third', i, 'none', '{}', 0,
            NULL, NULL, NULL, NULL, NULL FROM n
            WHERE i <= 10
        """,
        "INSERT INTO users SELECT 'u' || i, i || '@example.com', 1, 'name', NULL, i, i, NULL, NULL, NULL, 'off' FROM n",
        """
        INSERT INTO sessions (digest, id, user_id, authenticated_at, methods, expires_at)
        SELECT CAST('s' || i AS BLOB), 's' || i, 'u' || i, i, 'pwd', i FROM n
        """,
        """
        INSERT INTO interactions
        SELECT CAST('i' || i AS BLOB), x'00', 'c' || (i % 10), 'request', i, i, NULL, NULL FROM n
        """,
        """
        INSERT INTO codes
        SELECT CAST('k' || i AS BLOB), 'g' || i, 'c' || (i % 10), 'uri', 'challenge', NULL, i, i, NULL FROM n
        """,
        """
        INSERT INTO grants
        SELECT 'g' || i, 'c' || (i % 10), 'u' || i, 's' || i, 'openid', 0, i, 'pwd', i, i, 0, i, NULL, i, NULL, NULL FROM n
        """,
        """
        INSERT INTO audit_events
        SELECT printf('%032d', i), i, 'sign_in', 'succeeded', 'server', 'u' || i, NULL, NULL, NULL, NULL, NULL, i, x'00'
        FROM n
        """,
        "INSERT INTO audit_checkpoints SELECT i, 'token', 'key' FROM n",
        "INSERT INTO person_keys SELECT 'u' || i, x'00' FROM n",
        "INSERT INTO totp_keys SELECT 'u' || i, x'00', i, i, i FROM n",
        "INSERT INTO recovery_codes SELECT 'u' || i, CAST('r' || i AS BLOB) FROM n",
        "INSERT INTO remembered_devices SELECT CAST('d' || i AS BLOB), 'u' || i, 'device', i, i FROM n",
        "INSERT INTO first_factors SELECT CAST('f' || i AS BLOB), x'00', 'u' || i, i, i, 'pwd', NULL FROM n",
        """
        INSERT INTO connectors
        SELECT 'c' || i, 'oidc', NULL, 'name', '{}', NULL, i, i, i, NULL FROM n WHERE i < 10
        """,
        "INSERT INTO upstream_sessions SELECT 'sid' || i, 'c' || (i % 10), 's' || i, 'p' || i, 'u' || i, NULL, i, i FROM n",
        "INSERT INTO linked_identities SELECT 'c' || (i % 10), 's' || i, 'u' || i, NULL, NULL, i, i, 0 FROM n",
        """
        INSERT INTO pending_identities
        SELECT CAST('w' || i AS BLOB), x'00', 'c' || (i % 10), 's' || i, 'p' || i, 'u' || i, x'00', i, i FROM n
        """,
        """
        INSERT INTO passkeys
        SELECT CAST('p' || i AS BLOB), 'u' || i, x'00', x'00', 0, 1, 1, 1, x'00', 'internal', 'name', i, i FROM n
        """,
        "INSERT INTO spent_challenges SELECT CAST('s' || i AS BLOB), i FROM n",
        "INSERT INTO profile_sources SELECT 'u' || i, 'c' || (i % 10), 'name=.Ada', i FROM n",
        "INSERT INTO memberships SELECT 'u' || i, 'group', 'staff' || (i % 10), '' FROM n",
        """
        INSERT INTO opaque_tokens
        SELECT CAST('o' || i AS BLOB), 'c' || (i % 10), 'g' || i, '{}', i FROM n
        """,
        """
        INSERT INTO participations
        SELECT 's' || i, 'c' || (i % 10), 'p' || i, 'u' || i, i, i, i, i, 0, NULL, NULL FROM n
        """,
        "INSERT INTO consents SELECT 'u' || i, 'c' || (i % 10), 'openid', i FROM n",
        "INSERT INTO mails SELECT 'm' || i, 'test', i || '@example.com', NULL, i, i, i, i, 0, NULL, NULL, NULL, NULL FROM n",
        """
        INSERT INTO recourses
        SELECT CAST('w' || i AS BLOB), 'disown', 'u' || i, i || '@example.com', CAST('l' || i AS BLOB), i, i FROM n
        """,
        "INSERT INTO account_freezes SELECT 'u' || i, i FROM n",
        "INSERT INTO account_deletions SELECT 'u' || i, i FROM n",
        """
        INSERT INTO proofs
        SELECT CAST('p' || i AS BLOB), 'sign_up', i || '@example.com', 'u' || i, 'name', NULL, NULL, NULL,
            CAST('l' || i AS BLOB), NULL, i, 0, 1, i, i FROM n
        """,
    ]

    /// The lines of a plan: `SCAN codes`, `SEARCH users USING PRIMARY KEY (id=?)`.
    private func plan(_ statement: RecordedStatement, _ connection: SQLiteConnection) throws -> [String] {
        try connection.run(once: "EXPLAIN QUERY PLAN " + statement.text.description, statement.values).map { row in
            guard case .text(let line)? = Array(row).last else { return "" }
            return line
        }
    }

    /// The tables that a plan reads whole, by index or not; what a scan yields to a search first is bounded by that.
    private func scanned(_ plan: [String], in statement: RecordedStatement) -> Set<String> {
        var tables: Set<String> = []
        // What is due in a sweep, and a few, are cut off by a number in their text; who is untold has a row a client.
        let bounded = ["SCAN CONSTANT ROW", "SCAN due", "SCAN few", "SCAN untold"]
        for line in plan where line.hasPrefix("SCAN ") && !bounded.contains(line) {
            let name = String(line.split(separator: " ")[1])
            tables.insert(Aliases.table(name, in: statement.text.description))
        }
        return tables
    }

    private func refused(_ connection: SQLiteConnection) throws -> [String: Set<String>] {
        let record = try #require(RecordedStatements.of(schema: Schema.current.number))
        var refused: [String: Set<String>] = [:]
        for statement in record.statements {
            let plan = try plan(statement, connection)
            let tables = Scans.refused(statement, scanned: scanned(plan, in: statement))
            if !tables.isEmpty { refused[statement.text.description] = tables }
        }
        return refused
    }

    // Nobody analyzes the database of a small site, and somebody may that of a large one.
    @Test(arguments: [false, true])
    func everyStatementFindsItsRowsByAnIndex(analyzed: Bool) throws {
        try withRows(analyzed: analyzed) { connection in
            let refused = try refused(connection)
            #expect(refused == [:])
        }
    }

    @Test(arguments: [
        ("sessions_expiry", "sessions"), ("sessions_user", "sessions"), ("interactions_expiry", "interactions"),
        ("codes_expiry", "codes"), ("grants_expiry", "grants"), ("grants_client", "grants"),
        ("grants_session", "grants"), ("grants_user", "grants"), ("consents_client", "consents"),
        ("mails_due", "mails"), ("mails_expiry", "mails"), ("proofs_user", "proofs"),
        ("proofs_expiry", "proofs"),
        ("remembered_devices_user", "remembered_devices"), ("remembered_devices_expiry", "remembered_devices"),
        ("first_factors_user", "first_factors"), ("first_factors_expiry", "first_factors"),
        ("passkeys_user", "passkeys"), ("linked_identities_user", "linked_identities"),
        ("upstream_sessions_user", "upstream_sessions"), ("upstream_sessions_expiry", "upstream_sessions"),
        ("spent_challenges_expiry", "spent_challenges"),
        ("pending_identities_user", "pending_identities"), ("pending_identities_expiry", "pending_identities"),
        ("opaque_tokens_expiry", "opaque_tokens"), ("opaque_tokens_grant", "opaque_tokens"),
        ("opaque_tokens_client", "opaque_tokens"),
        ("memberships_source", "memberships"), ("profile_sources_source", "profile_sources"),
    ])
    func anIndexThatIsMissingIsNoticed(index: String, table: String) throws {
        try withRows(analyzed: true, without: index) { connection in
            let refused = try refused(connection)
            #expect(!refused.isEmpty)
            #expect(refused.values.allSatisfy { $0 == [table] })
        }
    }

    // By the client it would go through every grant of an application that everybody uses.
    @Test(arguments: [false, true])
    func consentIsWithdrawnByThePersonNotByTheClient(analyzed: Bool) throws {
        let record = try #require(RecordedStatements.of(schema: Schema.current.number))
        let withdrawals = record.statements.filter(Scans.isWithdrawal)
        try withRows(analyzed: analyzed) { connection in
            #expect(!withdrawals.isEmpty)
            for statement in withdrawals {
                let plan = try plan(statement, connection)
                #expect(plan.contains { $0.contains("grants_user") })
            }
        }
    }
}

/// Plans name a table as its statement does.
enum Aliases {
    /// The table that `FROM grants g` calls `g`.
    static func table(_ name: String, in statement: String) -> String {
        let words = statement.split { $0.isWhitespace || $0 == "(" || $0 == ")" || $0 == "," }.map(String.init)
        for (index, word) in words.enumerated().dropFirst(2) where word == name {
            if ["FROM", "JOIN"].contains(words[index - 2]) { return words[index - 1] }
        }
        return name
    }
}
