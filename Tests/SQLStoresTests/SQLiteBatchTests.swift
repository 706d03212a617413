import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import SQLStores

@Suite("SQLite: many writes in one transaction")
struct SQLiteBatchTests {
    private func insert(_ name: String) -> Command {
        Command("INSERT INTO versions (name, value) VALUES ($1, 1) RETURNING name", [.text(name)])
    }

    private func names(_ connection: SQLiteConnection) throws -> [SQLValue] {
        try connection.run("SELECT name FROM versions WHERE name <> 'configuration' ORDER BY name").map { Array($0)[0] }
    }

    @Test func aFailureTakesNoNeighbourWithIt() throws {
        let temporary = try TemporaryConnection()
        defer { temporary.end() }
        let connection = temporary.connection
        let batch = SQLiteBatch(writes: [
            SQLiteWrite(commands: [insert("a")], condition: nil),
            // Fails at once.
            SQLiteWrite(commands: [insert("a")], condition: nil),
            // Fails after a command that succeeded, which must be undone.
            SQLiteWrite(commands: [insert("undone"), insert("a")], condition: nil),
            SQLiteWrite(commands: [insert("b"), insert("c")], condition: nil),
            SQLiteWrite(commands: [insert("d")], condition: 0),
        ])
        let results = batch.commit(on: connection)
        #expect(results.map { (try? $0.get()) != nil } == [true, false, false, true, true])
        #expect(throws: StorageError.conflict(table: "versions")) { try results[1].get() }
        #expect(throws: StorageError.conflict(table: "versions")) { try results[2].get() }
        #expect(try results[3].get() == [[Row([.text("b")])], [Row([.text("c")])]])
        #expect(try names(connection) == [.text("a"), .text("b"), .text("c"), .text("d")])
    }

    @Test func aLoneFailureUndoesAll() throws {
        let temporary = try TemporaryConnection()
        defer { temporary.end() }
        let connection = temporary.connection
        let lone = SQLiteBatch(writes: [SQLiteWrite(commands: [insert("a"), insert("a")], condition: nil)])
        #expect(throws: StorageError.conflict(table: "versions")) { try lone.commit(on: connection)[0].get() }
        #expect(try names(connection) == [])
        #expect(connection.isIdle)
    }

    @Test(arguments: [1, 2])
    func aConditionStopsWhatFollows(neighbours: Int) throws {
        let temporary = try TemporaryConnection()
        defer { temporary.end() }
        let connection = temporary.connection
        let never = Command("UPDATE versions SET value = 9 WHERE name = 'nobody' RETURNING name", [])
        var writes = [SQLiteWrite(commands: [never, insert("x")], condition: 0)]
        if neighbours == 2 {
            writes.append(SQLiteWrite(commands: [insert("a"), insert("y")], condition: 0))
        }
        let results = SQLiteBatch(writes: writes).commit(on: connection)
        #expect(try results[0].get() == [[]])
        #expect(try names(connection) == (neighbours == 2 ? [.text("a"), .text("y")] : []))
    }

    @Test func aFullDiskIsToldAndLosesNothingThatWasAcknowledged() throws {
        let temporary = try TemporaryConnection()
        defer { temporary.end() }
        let connection = temporary.connection
        let filler = SQLValue.text(String(repeating: "x", count: 3000))
        func fill(_ number: Int) -> SQLiteWrite {
            SQLiteWrite(
                commands: [
                    insert("n\(number)"),
                    Command(
                        "INSERT INTO schema_migrations VALUES ($1, $2, 0, 0, 1)", [.integer(Int64(number)), filler]),
                ],
                condition: nil
            )
        }
        guard case .integer(let pages)? = try connection.run("PRAGMA page_count").first?.first(where: { _ in true })
        else {
            Issue.record("no count of pages")
            return
        }
        try connection.run(once: "PRAGMA max_page_count = \(pages + 30)", [])
        var kept: [Int] = []
        var refused: [StorageError] = []
        for round in 0..<20 {
            let numbers = Array((100 + round * 8)..<(108 + round * 8))
            let results = SQLiteBatch(writes: numbers.map(fill)).commit(on: connection)
            for (number, result) in zip(numbers, results) {
                switch result {
                case .success: kept.append(number)
                case .failure(let error): refused.append(error)
                }
            }
        }
        #expect(!kept.isEmpty)
        #expect(!refused.isEmpty)
        #expect(refused.allSatisfy { $0 == .full(path: connection.path) })
        #expect(try names(connection) == kept.map { .text("n\($0)") })
        #expect(connection.isIdle)
        // Space again: writes go on.
        try connection.run("PRAGMA max_page_count = 1000")
        #expect(try SQLiteBatch(writes: [fill(999)]).commit(on: connection)[0].get().count == 2)
    }
}
