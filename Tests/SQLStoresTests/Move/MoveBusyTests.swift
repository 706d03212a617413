import MartletTesting
import Stores
import Testing

@testable import SQLStores

@Suite("Moves of databases that others use")
struct MoveBusyTests {
    @Test(arguments: MovePair.all)
    func changesThatComeTooFastEndIt(_ pair: MovePair) throws {
        try withMove(pair, rows: 3) { source, target in
            let inFull = "INSERT INTO versions (name, value) VALUES "
            var round = 0
            // As many in each round as are read at once.
            func write(_ step: DatabaseMove.Progress) throws {
                guard case .catchingUp = step, round < 100 else { return }
                round += 1
                try source.run(inFull + (0..<50).map { "('r\(round)-\($0)', 1)" }.joined(separator: ", "))
            }
            try source.move(to: target, .copy)
            try source.run(inFull + (0..<1000).map { "('a\($0)', 1)" }.joined(separator: ", "))
            #expect(try source.move(to: target, .copy).changes == 1000, "what waited before is no reason")
            try source.run(inFull + "('b', 1)" + (1..<50).map { ", ('b\($0)', 1)" }.joined())
            #expect(throws: DatabaseMove.Refusal.outrun) { try source.move(to: target, while: write) }
            #expect(round < 100)
            try source.open()
            #expect(try source.move(to: target).isMoved)
            #expect(try target.contents() == source.contents())
        }
    }

    // MARK: PostgreSQL's locks

    /// What keeps tables busy: a vacuum, and a dump.
    static let modes = ["SHARE UPDATE EXCLUSIVE", "ACCESS SHARE"]
    private static let toSQLite = MovePair(source: .postgreSQL, target: .sqlite)

    private func holding<Result>(
        _ table: String, in database: MovedDatabase, _ mode: String, _ body: () throws -> Result
    ) throws -> Result {
        let other = try database.connection()
        defer { other.close() }
        try other.query("BEGIN")
        try other.query("LOCK TABLE \(table) IN \(mode) MODE")
        return try body()
    }

    @Test(.postgreSQL, arguments: modes)
    func giveUpDoesNotWaitForADumpOrAVacuum(_ mode: String) throws {
        try withMove(MoveBusyTests.toSQLite, rows: 3) { source, target in
            try source.move(to: target)
            let limits = DatabaseMove.Limits(attempts: 2)
            try holding("users", in: source, mode) {
                #expect(throws: DatabaseMove.Refusal.remains) {
                    try DatabaseMove.abort(from: source.place, limits: limits)
                }
                try source.run("UPDATE users SET name = 'Grace'", "UPDATE grants SET generation = 1")
                try source.open()
                #expect(throws: DatabaseMove.Refusal.remains, "some changes are not noted") {
                    try source.move(to: target, .copy)
                }
            }
            #expect(try DatabaseMove.abort(from: source.place) == "\(target.place)")
            #expect(try source.marks() == 0)
        }
    }

    @Test(.postgreSQL, arguments: modes)
    func aCutOverThatFailsDoesNotWaitForADumpOrAVacuum(_ mode: String) throws {
        try withMove(MoveBusyTests.toSQLite, rows: 3) { source, target in
            let other = try source.connection()
            defer { other.close() }
            #expect(throws: StorageError.self) {
                try source.move(to: target) { step in
                    guard step == .refusingWrites else { return }
                    try other.query("INSERT INTO schema_migrations VALUES (99, 'later', 1, 1, 1)")
                    try other.query("BEGIN")
                    try other.query("LOCK TABLE users IN \(mode) MODE")
                }
            }
            try source.run("UPDATE users SET name = 'Grace'")
            try source.open()
        }
    }

    @Test(.postgreSQL) func aTableThatIsKeptLockedStopsTheCutOverBeforeWritesAreRefused() throws {
        try withMove(MoveBusyTests.toSQLite, rows: 3) { source, target in
            try source.move(to: target, .copy)
            try holding("users", in: source, "SHARE UPDATE EXCLUSIVE") {
                #expect(throws: DatabaseMove.Refusal.blocked) { try source.move(to: target, attempts: 3) }
                try source.run("UPDATE users SET name = 'Grace'")
                try source.open()
            }
            #expect(try source.move(to: target).isMoved)
        }
    }

    @Test(.postgreSQL) func aTargetThatIsKeptLockedDoesNotKeepWritesRefused() throws {
        try withMove(MovePair(source: .postgreSQL, target: .postgreSQL), rows: 3) { source, target in
            let other = try target.connection()
            defer { other.close() }
            #expect(throws: DatabaseMove.Refusal.blocked) {
                try source.move(to: target) { step in
                    guard step == .refusingWrites else { return }
                    try other.query("BEGIN")
                    try other.query("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
                }
            }
            try source.run("UPDATE users SET name = 'Grace'")
            try other.query("ROLLBACK")
            try other.query("BEGIN")
            let report = try source.move(to: target, attempts: 3) { step in
                guard step == .refusingWrites else { return }
                try other.query("LOCK TABLE \(MoveMark.inTarget) IN ACCESS SHARE MODE")
            }
            #expect(report.isMoved, "a dump of the target under way")
            try target.open()
        }
    }

    @Test(.postgreSQL) func changesByAnotherRoleAreNoted() throws {
        try withMove(MoveBusyTests.toSQLite, rows: 3) { source, target in
            try source.move(to: target, .copy)
            let other = try source.connection()
            defer { other.close() }
            guard
                case .text(let schema)? = try other.query("SELECT current_schema()::text").first?.first(where: { _ in
                    true
                })
            else { return }
            let role = "writer_of_\(schema)"
            try other.query("CREATE ROLE \(role)")
            defer {
                for end in ["RESET ROLE", "DROP OWNED BY \(role)", "DROP ROLE \(role)"] { _ = try? other.query(end) }
            }
            try other.query("GRANT USAGE ON SCHEMA \(schema) TO \(role)")
            try other.query("GRANT SELECT, UPDATE ON users TO \(role)")
            try other.query("SET ROLE \(role)")
            // With a search path of its own, on which there is nothing of ours.
            try other.query("SET search_path = pg_catalog")
            try other.query("UPDATE \(schema).users SET name = 'Grace' WHERE id = 'u1'")
            #expect(try source.move(to: target).changes == 1)
            #expect(try target.contents() == source.contents())
            #expect(throws: StorageError.self) { try other.query("UPDATE \(schema).users SET name = 'Eve'") }
        }
    }
}
