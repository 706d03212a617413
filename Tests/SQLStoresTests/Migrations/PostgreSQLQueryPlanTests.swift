import Stores
import Testing

@testable import SQLStores

@Suite("PostgreSQL: no statement reads a large table whole", .postgreSQL)
struct PostgreSQLQueryPlanTests {
    /// The rows of each table.
    private static let rows = 20_000

    /// For every moment and every count: a sweep takes a thousandth of a large table at once.
    private static let number = SQLValue.integer(20)

    /// A schema with so many rows of everything, an index less, and what the planner should know of them.
    private func withRows(without index: String? = nil, _ body: (PostgreSQLSession) throws -> Void) throws {
        let schema = try TemporarySchema()
        defer { try? schema.remove() }
        let session = try PostgreSQLSession(schema.settings())
        defer { session.close() }
        _ = try Schema.current.bringUpToDate(session, .migrate)
        for (table, columns, rows) in PostgreSQLQueryPlanTests.fillings {
            try session.run("INSERT INTO \(table) SELECT \(columns) FROM generate_series(1, \(rows)) AS i")
        }
        if let index { try session.run("DROP INDEX \(index)") }
        for (table, _, _) in PostgreSQLQueryPlanTests.fillings { try session.run("ANALYZE \(table)") }
        try body(session)
    }

    private static let fillings = [
        (
            "clients",
            "'c' || i, 'name', NULL, 'none', '', '', '', '', 'third', i, 'none', '{}', 0, NULL, NULL, NULL, NULL, NULL",
            10
        ),
        ("users", "'u' || i, i || '@example.com', 1, 'name', NULL, i, i, NULL, NULL, NULL, 'off'", rows),
        ("sessions", "convert_to('s' || i, 'UTF8'), 's' || i, 'u' || i, i, 'pwd', i", rows),
        ("interactions", "convert_to('i' || i, 'UTF8'), '', 'c' || i % 10, 'request', i, i, NULL, NULL", rows),
        (
            "codes",
            "convert_to('k' || i, 'UTF8'), 'g' || i, 'c' || i % 10, 'uri', 'challenge', NULL, i, i, NULL", rows
        ),
        (
            "grants",
            "'g' || i, 'c' || i % 10, 'u' || i, 's' || i, 'openid', 0, i, 'pwd', i, i, 0, i, NULL, i, NULL", rows
        ),
        (
            "audit_events",
            "lpad(i::text, 32, '0'), i, 'sign_in', 'succeeded', 'server', 'u' || i, NULL, NULL, NULL, NULL, NULL, i, ''",
            rows
        ),
        ("audit_checkpoints", "i, 'token', 'key'", rows),
        ("person_keys", "'u' || i, ''", rows),
        ("totp_keys", "'u' || i, '', i, i, i", rows),
        ("recovery_codes", "'u' || i, convert_to('r' || i, 'UTF8')", rows),
        ("remembered_devices", "convert_to('d' || i, 'UTF8'), 'u' || i, 'device', i, i", rows),
        ("first_factors", "convert_to('f' || i, 'UTF8'), '', 'u' || i, i, i, 'pwd', NULL", rows),
        ("connectors", "'c' || i, 'oidc', NULL, 'name', '{}', NULL, i, i, i, NULL", 10),
        ("upstream_sessions", "'sid' || i, 'c' || i % 10, 's' || i, 'p' || i, 'u' || i, NULL, i, i", rows),
        ("linked_identities", "'c' || i % 10, 's' || i, 'u' || i, NULL, NULL, i, i, 0", rows),
        (
            "pending_identities",
            "convert_to('w' || i, 'UTF8'), '', 'c' || i % 10, 's' || i, 'p' || i, 'u' || i, '', i, i", rows
        ),
        (
            "passkeys",
            "convert_to('p' || i, 'UTF8'), 'u' || i, '', '', 0, 1, 1, 1, '', 'internal', 'name', i, i", rows
        ),
        ("spent_challenges", "convert_to('s' || i, 'UTF8'), i", rows),
        ("profile_sources", "'u' || i, 'c' || i % 10, 'name=.Ada', i", rows),
        ("memberships", "'u' || i, 'group', 'staff' || i % 10, ''", rows),
        ("opaque_tokens", "convert_to('o' || i, 'UTF8'), 'c' || i % 10, 'g' || i, '{}', i", rows),
        ("participations", "'s' || i, 'c' || i % 10, 'p' || i, 'u' || i, i, i, i, i, 0, NULL, NULL", rows),
        ("consents", "'u' || i, 'c' || i % 10, 'openid', i", rows),
        ("mails", "'m' || i, 'test', i || '@example.com', NULL, i, i, i, i, 0, NULL, NULL", rows),
        (
            "proofs",
            """
            convert_to('p' || i, 'UTF8'), 'sign_up', i || '@example.com', 'u' || i, 'name', NULL, NULL, NULL,
            convert_to('l' || i, 'UTF8'), NULL, i, 0, 1, i, i
            """, rows
        ),
    ]

    private func plan(
        _ statement: RecordedStatement, values: [SQLValue]? = nil, _ session: PostgreSQLSession
    ) throws -> [String] {
        let values = values ?? statement.values.map { $0 == .integer(1) ? PostgreSQLQueryPlanTests.number : $0 }
        return try session.run("EXPLAIN " + PostgreSQLDialect.text(of: statement.text), values).map { row in
            guard case .text(let line)? = Array(row).first else { return "" }
            return line
        }
    }

    /// The tables behind `Seq Scan on grants g`, and those that an index lists from end to end.
    private func scanned(_ plan: [String]) -> Set<String> {
        var tables: Set<String> = []
        for (index, line) in plan.enumerated() {
            let words = line.split(separator: " ").map(String.init)
            guard let on = words.firstIndex(of: "on"), on + 1 < words.count else { continue }
            let isBounded = index + 1 < plan.count && plan[index + 1].contains("Index Cond:")
            if line.contains("Seq Scan on") || line.contains("Index") && line.contains("Scan using") && !isBounded {
                tables.insert(words[on + 1])
            }
        }
        return tables
    }

    private func refused(_ session: PostgreSQLSession) throws -> [String: Set<String>] {
        let record = try #require(RecordedStatements.of(schema: Schema.current.number))
        var refused: [String: Set<String>] = [:]
        for statement in record.statements {
            let tables = Scans.refused(statement, scanned: scanned(try plan(statement, session)))
            if !tables.isEmpty { refused[statement.text.description] = tables }
        }
        return refused
    }

    @Test func everyStatementFindsItsRowsByAnIndex() throws {
        try withRows { session in
            let refused = try refused(session)
            #expect(refused == [:])
        }
    }

    @Test(arguments: [
        ("sessions_expiry", "sessions"), ("sessions_user", "sessions"), ("interactions_expiry", "interactions"),
        ("codes_expiry", "codes"), ("grants_expiry", "grants"), ("grants_client", "grants"),
        ("grants_session", "grants"), ("grants_user", "grants"), ("consents_client", "consents"),
        ("mails_due", "mails"), ("mails_expiry", "mails"), ("proofs_link", "proofs"), ("proofs_user", "proofs"),
        ("proofs_expiry", "proofs"),
        ("remembered_devices_user", "remembered_devices"), ("remembered_devices_expiry", "remembered_devices"),
        ("first_factors_user", "first_factors"), ("first_factors_expiry", "first_factors"),
        ("passkeys_user", "passkeys"), ("linked_identities_user", "linked_identities"),
        ("upstream_sessions_user", "upstream_sessions"), ("upstream_sessions_expiry", "upstream_sessions"),
        ("spent_challenges_expiry", "spent_challenges"),
        ("opaque_tokens_expiry", "opaque_tokens"), ("opaque_tokens_grant", "opaque_tokens"),
        ("opaque_tokens_client", "opaque_tokens"),
        ("memberships_source", "memberships"), ("profile_sources_source", "profile_sources"),
        ("pending_identities_user", "pending_identities"), ("pending_identities_expiry", "pending_identities"),
    ])
    func anIndexThatIsMissingIsNoticed(index: String, table: String) throws {
        try withRows(without: index) { session in
            let refused = try refused(session)
            #expect(!refused.isEmpty)
            #expect(refused.values.allSatisfy { $0 == [table] })
        }
    }

    /// What a server makes of a statement without looking at its values, as it may for any that was prepared.
    private func genericPlan(_ statement: RecordedStatement, _ session: PostgreSQLSession) throws -> [String] {
        let values = statement.values.map { _ in "20" }.joined(separator: ", ")
        let types = statement.values.map { _ in "bigint" }.joined(separator: ", ")
        try session.run("SET plan_cache_mode = force_generic_plan")
        try session.run("PREPARE generic (\(types)) AS \(PostgreSQLDialect.text(of: statement.text))")
        defer { _ = try? session.run("DEALLOCATE generic") }
        return try session.run("EXPLAIN EXECUTE generic (\(values))").map { row in
            guard case .text(let line)? = Array(row).first else { return "" }
            return line
        }
    }

    @Test func aSweepReadsNoWholeTableWhateverThePlannerKnowsOfItsValues() throws {
        func sweeps(_ schema: Int64) throws -> [RecordedStatement] {
            try #require(RecordedStatements.of(schema: schema)).statements.filter { statement in
                let text = statement.text.description
                return text.hasPrefix("DELETE") && text.contains("LIMIT $2")
            }
        }
        try withRows { session in
            for sweep in try sweeps(Schema.current.number) {
                #expect(scanned(try genericPlan(sweep, session)) == [], "\(sweep.text)")
            }
            #expect(try sweeps(Schema.current.number).count >= 5)
            // As the first program asked: so the above can fail.
            for sweep in try sweeps(1) { #expect(scanned(try genericPlan(sweep, session)) != []) }
        }
    }

    // By the client it would go through every grant of an application that everybody uses.
    @Test func consentIsWithdrawnByThePersonNotByTheClient() throws {
        let record = try #require(RecordedStatements.of(schema: Schema.current.number))
        let withdrawals = record.statements.filter(Scans.isWithdrawal)
        #expect(!withdrawals.isEmpty)
        try withRows { session in
            for statement in withdrawals {
                let values: [SQLValue] = [.text("u7"), .text("c7"), PostgreSQLQueryPlanTests.number]
                let plan = try plan(statement, values: values, session)
                #expect(plan.contains { $0.contains("grants_user") })
            }
        }
    }
}
