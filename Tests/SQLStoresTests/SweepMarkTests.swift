import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import SQLStores

@Suite("A sweep goes on where its last statement came to")
struct SweepMarkTests {
    /// A database that notes from which moment on each sweep looks.
    private struct Noting: SQLDatabase {
        let database: SQLiteDatabase
        let beginnings = SharedValue<[SQLValue]>([])

        func read(_ statement: StaticString, _ parameters: [SQLValue]) async throws(StorageError) -> [Row] {
            try await database.read(statement, parameters)
        }

        func write(_ commands: [Command]) async throws(StorageError) -> [[Row]] { try await database.write(commands) }

        func write(_ first: [Command], then rest: [Command]) async throws(StorageError) -> [Row] {
            if let sweep = first.first, sweep.statement.description.contains("BETWEEN $3 AND $1") {
                beginnings.withLock { $0.append(sweep.parameters[2]) }
            }
            return try await database.write(first, then: rest)
        }
    }

    private static func session(_ number: Int) -> Session {
        .withEveryFieldSet(digest: .numbered(number), authenticatedAt: .noon + .seconds(number))
    }

    @Test func fromTheLastRowOnAndWhenAllAreGoneFromShortlyBefore() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let connection = try SQLiteOpening.open(at: directory.file, role: .server, schema: .migrate).connection
        let database = Noting(database: try SQLiteDatabase(writing: connection))
        let sessions = SessionTable(database: TimedDatabase(database))
        for number in 1...5 { try await sessions.start(SweepMarkTests.session(number), replacing: nil) }
        let end = SweepMarkTests.session(9).expiresAt
        #expect(try await sessions.sweep(expiredBy: end, limit: 2) == 2)
        // Behind the mark, where this sweep no longer looks.
        try await sessions.start(SweepMarkTests.session(0), replacing: nil)
        #expect(try await sessions.sweep(expiredBy: end, limit: 2) == 2)
        #expect(try await sessions.sweep(expiredBy: end, limit: 2) == 1)
        #expect(try await sessions.sweep(expiredBy: end, limit: 2) == 1)
        #expect(try await sessions.sweep(expiredBy: end, limit: 2) == 0)
        // A clock that is put back by more than that begins anew.
        #expect(try await sessions.sweep(expiredBy: end - .seconds(7200), limit: 2) == 0)
        let reached = [2, 4].map { SQLValue.time(SweepMarkTests.session($0).expiresAt) }
        let before = SQLValue.time(end - SweepMark.lateness)
        #expect(database.beginnings.withLock { $0 } == [.integer(.min)] + reached + [before, before, .integer(.min)])
        await database.database.close()
    }
}
