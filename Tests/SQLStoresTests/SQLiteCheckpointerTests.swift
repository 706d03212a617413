import CSQLite
import MartletTesting
import Stores
import Testing

@testable import SQLStores

@Suite("The log of SQLite")
struct SQLiteCheckpointerTests {
    /// A writer's connection, a table to fill, and what copies its log.
    private func withWriter(
        _ body: (SQLiteConnection, SQLiteCheckpointer, TemporaryDirectory) async throws -> Void
    ) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let (connection, _) = try SQLiteOpening.open(at: directory.file, role: .server, schema: .migrate)
        try connection.run("CREATE TABLE filler (id INTEGER PRIMARY KEY, text TEXT)")
        let checkpointer = try SQLiteCheckpointer(path: directory.file)
        try await body(connection, checkpointer, directory)
        await checkpointer.stop()
        connection.close()
    }

    /// Makes the log longer by a few pages more than so many.
    private func write(_ pages: Int32, on connection: SQLiteConnection) throws {
        try connection.run(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
            INSERT INTO filler (text) SELECT hex(zeroblob(2000)) FROM n
            """, [.integer(Int64(pages))])
    }

    private func rest(_ checkpointer: SQLiteCheckpointer) async throws {
        while checkpointer.isBusy { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func aLongLogIsCopiedAndBeginsAnew() async throws {
        try await withWriter { connection, checkpointer, _ in
            // What making the tables wrote is out of the way.
            connection.checkpoint()
            try write(1, on: connection)
            #expect(connection.logLength < SQLiteCheckpointer.portion)
            checkpointer.look(at: connection)
            #expect(!checkpointer.isBusy)
            #expect(checkpointer.copied == 0)
            try write(SQLiteCheckpointer.limit, on: connection)
            let before = connection.logLength
            checkpointer.look(at: connection)
            try await rest(checkpointer)
            #expect(checkpointer.copied == before)
            // All of it is in the database file: the log begins anew.
            try write(1, on: connection)
            #expect(connection.logLength < SQLiteCheckpointer.portion)
            checkpointer.look(at: connection)
            #expect(checkpointer.copied == 0)
            #expect(!checkpointer.isBusy)
        }
    }

    @Test func aReaderKeepsTheLogAndLosesNothing() async throws {
        try await withWriter { connection, checkpointer, directory in
            try write(10, on: connection)
            let reader = try RawSQLite(directory.file)
            try reader.execute("BEGIN")
            let seen = try reader.column("SELECT COUNT(*) FROM filler")
            try write(SQLiteCheckpointer.limit, on: connection)
            checkpointer.look(at: connection)
            try await rest(checkpointer)
            #expect(checkpointer.copied < SQLiteCheckpointer.limit)
            try write(10, on: connection)
            checkpointer.look(at: connection)
            #expect(connection.logLength > SQLiteCheckpointer.limit)
            #expect(try reader.column("SELECT COUNT(*) FROM filler") == seen)
            try reader.execute("COMMIT")
            #expect(try reader.column("SELECT COUNT(*) FROM filler") == ["\(SQLiteCheckpointer.limit + 20)"])
            // From then on as ever.
            for _ in 0..<3 {
                try write(SQLiteCheckpointer.rest, on: connection)
                checkpointer.look(at: connection)
                try await rest(checkpointer)
            }
            try write(1, on: connection)
            #expect(connection.logLength < SQLiteCheckpointer.limit)
        }
    }
}
