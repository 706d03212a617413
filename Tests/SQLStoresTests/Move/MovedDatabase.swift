import Foundation
import MartletTesting
import Stores
import Testing

@testable import SQLStores

/// From which kind of database to which.
struct MovePair: Sendable, CustomTestStringConvertible {
    let source: SQLDialect
    let target: SQLDialect
    var testDescription: String { "\(source) to \(target)" }

    /// Those that can be tried here.
    static var all: [MovePair] {
        let dialects = TestServer.address.isEmpty ? [SQLDialect.sqlite] : SQLDialect.allCases
        return dialects.flatMap { source in dialects.map { MovePair(source: source, target: $0) } }
    }
}

/// A database of one test, of either kind, removed with everything in it.
struct MovedDatabase {
    let place: DatabaseMove.Place
    private let directory: TemporaryDirectory?
    private let schema: TemporarySchema?

    init(_ dialect: SQLDialect) throws {
        switch dialect {
        case .sqlite:
            let directory = TemporaryDirectory()
            (self.directory, schema) = (directory, nil)
            place = .sqlite(path: directory.file)
        case .postgreSQL:
            let schema = try TemporarySchema()
            (directory, self.schema) = (nil, schema)
            place = .postgreSQL(try schema.settings())
        }
    }

    /// Gives it the schema.
    func make(_ steps: Schema = .current) throws {
        switch place {
        case .sqlite(let path):
            try SQLiteOpening.open(at: path, role: .tool, schema: .migrate, steps: steps).connection.close()
        case .postgreSQL(let settings):
            _ = try PostgreSQLOpening.bringUpToDate(settings, schema: .migrate, steps: steps)
        }
    }

    /// As a server that starts does.
    func open() throws { try make() }

    /// Runs statements as the server does, on a connection of their own.
    @discardableResult
    func run(_ statements: String...) throws -> [Row] {
        let connection = try connection()
        defer { connection.close() }
        var rows: [Row] = []
        for statement in statements { rows = try connection.query(statement) }
        return rows
    }

    /// Moves it, by small pages.
    ///
    /// Few attempts are for little tables: a large one may be vacuumed just then.
    @discardableResult
    func move(
        to target: MovedDatabase, _ goal: DatabaseMove.Goal = .cutOver, attempts: Int = 50,
        while progress: (DatabaseMove.Progress) throws -> Void = { _ in }
    ) throws -> DatabaseMove.Report {
        var failure: (any Error)?
        let limits = DatabaseMove.Limits(page: 500, notes: 50, rounds: 4, attempts: attempts, reconnections: 60)
        let report = Result {
            try DatabaseMove.run(from: place, to: target.place, until: goal, limits: limits) { step in
                do { try progress(step) } catch { failure = failure ?? error }
            }
        }
        if let failure { throw failure }
        return try report.get()
    }

    /// A connection that no check has seen.
    func connection() throws -> any MoveConnection {
        switch place {
        case .sqlite(let path): try SQLiteConnection(path: path, purpose: .write)
        case .postgreSQL(let settings): try PostgreSQLSession(settings)
        }
    }

    /// Every row of every table.
    func contents() throws -> [String: [Row]] {
        let connection = try connection()
        defer { connection.close() }
        var contents: [String: [Row]] = [:]
        for table in try connection.catalogue() {
            contents[table.name] = try connection.query(table.page(isFirst: true, limit: 1_000_000))
        }
        return contents
    }

    /// The tables and triggers that a move has left.
    func marks() throws -> Int {
        let connection = try connection()
        defer { connection.close() }
        return switch place {
        case .sqlite:
            try connection.query("SELECT name FROM sqlite_master WHERE name LIKE 'martlet_move%'").count
        case .postgreSQL:
            try connection.query(
                """
                SELECT relname FROM pg_class WHERE relname LIKE 'martlet_move%' AND relnamespace = current_schema()::regnamespace
                UNION ALL SELECT proname FROM pg_proc
                WHERE proname LIKE 'martlet_move%' AND pronamespace = current_schema()::regnamespace
                """
            ).count
        }
    }

    func remove() {
        directory?.remove()
        try? schema?.remove()
    }

    // MARK: Rows

    /// The tables that it has rows in once it was filled.
    static let filled = [
        "connectors", "linked_identities", "upstream_sessions", "memberships", "consents", "users", "grants",
        "sessions",
    ]

    /// So many grants, people and consents, with every kind of value.
    func fill(_ count: Int = 1200) throws {
        try make()
        let connection = try connection()
        defer { connection.close() }
        try connection.query("BEGIN")
        for number in 0..<count { try connection.add(number) }
        try connection.query(
            "INSERT INTO consents (user_id, client_id, scope, given_at) VALUES ('u1', 'c', 'openid', 1), ('u1', 'c', 'é\u{1F426}', 2)"
        )
        try connection.query(
            "INSERT INTO sessions (digest, id, user_id, authenticated_at, methods, expires_at) VALUES ($1, 's', 'u1', -5, '', $2)",
            [.bytes([0, 255, 0]), .integer(.max)]
        )
        try connection.fillConnectors()
        try connection.commit()
    }
}

extension MoveConnection {
    /// Who comes by whom, and what they belong to.
    fileprivate func fillConnectors() throws {
        try query(
            """
            INSERT INTO connectors (id, kind, name, settings, sealed_secret, position, created_at, updated_at)
            VALUES ('g', 'oidc', 'G\u{1F426}', '{}', $1, 0, 1, 2)
            """,
            [.bytes([0, 255])])
        try query(
            """
            INSERT INTO linked_identities (connector_id, subject, user_id, linked_at)
            VALUES ('g', 'A', 'u1', 1), ('g', 'a', 'u1', 2), ('g', 'é', 'u2', 3)
            """)
        try query(
            """
            INSERT INTO upstream_sessions (session_id, connector_id, subject, user_id, sealed_tokens, created_at,
                expires_at)
            VALUES ('s', 'g', 'A', 'u1', $1, 1, $2)
            """,
            [.bytes([1, 0]), .integer(.max)])
        try query("INSERT INTO memberships (user_id, kind, name, source) VALUES ('u1', 'group', 'staff', 'g')")
    }

    /// An account and a grant of that number.
    func add(_ number: Int, email: String? = nil) throws {
        try query(
            """
            INSERT INTO users (id, email, is_email_verified, name, created_at, updated_at)
            VALUES ($1, $2, 1, 'Ada', 5, 6)
            """,
            [.text("u\(number)"), .text(email ?? "\(number)@example.com")]
        )
        try query(
            """
            INSERT INTO grants (id, client_id, user_id, session_id, scopes, survives_session, authenticated_at, methods,
                created_at, expires_at, generation, request)
            VALUES ($1, 'c', 'u', 's', '', 0, 1, '', 2, 3, 0, $2)
            """,
            [.text("g\(number)"), number.isMultiple(of: 2) ? .null : .bytes([UInt8(truncatingIfNeeded: number)])]
        )
    }
}

/// Runs a test on a filled source and a target that is still to be made.
func withMove(
    _ pair: MovePair, rows: Int = 1200, _ body: (_ source: MovedDatabase, _ target: MovedDatabase) throws -> Void
) throws {
    let source = try MovedDatabase(pair.source)
    defer { source.remove() }
    let target = try MovedDatabase(pair.target)
    defer { target.remove() }
    try source.fill(rows)
    try body(source, target)
}
