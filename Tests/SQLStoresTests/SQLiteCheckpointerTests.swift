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
            checkpointer.look(at: connection)
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

    @Test func aCopyBeginsOnlyOnALogThatNoCommitLetsBeginAnew() {
        var state = SQLiteCheckpointer.State()
        #expect(SQLiteCheckpointer.step(&state, length: 40) == .ask)
        // The copy that was asked for took along what was committed meanwhile.
        (state.isBusy, state.copied) = (false, 80)
        #expect(SQLiteCheckpointer.step(&state, length: 80) == .nothing)
        #expect(SQLiteCheckpointer.step(&state, length: 81) == .ask)
        // The same of what the writer would copy.
        (state.isBusy, state.copied) = (false, SQLiteCheckpointer.limit)
        #expect(SQLiteCheckpointer.step(&state, length: SQLiteCheckpointer.limit) == .nothing)
        #expect(SQLiteCheckpointer.step(&state, length: SQLiteCheckpointer.limit + 1) == .copy)
        // It has begun anew, and nothing of it is copied.
        state.isBusy = false
        #expect(SQLiteCheckpointer.step(&state, length: 33) == .ask)
        #expect(state.copied == 0)
    }

    @Test func ofAServerAndItsSuccessorOneCopies() async throws {
        try await withWriter { connection, checkpointer, directory in
            let second = try SQLiteConnection(path: directory.file, purpose: .writeAndCheckpoint)
            defer { second.close() }
            let successor = try SQLiteCheckpointer(path: directory.file)
            checkpointer.look(at: connection)
            for _ in 0..<2 {
                try write(SQLiteCheckpointer.portion, on: second)
                successor.look(at: second)
                #expect(!successor.isBusy && successor.copied == 0)
            }
            // Whoever was first copies still, and then leaves it to the other.
            try write(SQLiteCheckpointer.portion, on: connection)
            checkpointer.look(at: connection)
            try await rest(checkpointer)
            #expect(checkpointer.copied == connection.logLength)
            await checkpointer.stop()
            try write(SQLiteCheckpointer.limit, on: connection)
            checkpointer.look(at: connection)
            #expect(!checkpointer.isBusy)
            // With the right comes nothing yet: the other may just have copied everything.
            try write(SQLiteCheckpointer.portion, on: second)
            successor.look(at: second)
            #expect(!successor.isBusy && successor.copied == 0)
            try write(SQLiteCheckpointer.portion, on: second)
            successor.look(at: second)
            try await rest(successor)
            #expect(successor.copied == second.logLength)
            await successor.stop()
        }
    }
}
