import Stores
import Testing

@testable import SQLStores

@Suite("SQLite: one connection")
struct SQLiteConnectionTests {
    @Test func everyValueComesBackAsItWent() throws {
        let temporary = try TemporaryConnection()
        defer { temporary.end() }
        let connection = temporary.connection
        let values: [SQLValue] = [
            .null, .integer(.min), .integer(.max), .text(""), .text("é燕\u{0}b"), .bytes([]), .bytes([0, 255]),
            .text(String(repeating: "long ", count: 5000)), .bytes([UInt8](repeating: 7, count: 70_000)),
        ]
        for value in values { #expect(try connection.run("SELECT $1", [value]) == [Row([value])]) }
    }

    @Test func parametersGoByTheirNumber() throws {
        let temporary = try TemporaryConnection()
        defer { temporary.end() }
        let connection = temporary.connection
        let row = try connection.run("SELECT $2, $1, $2, $3", [.integer(1), .integer(2), .integer(3)])
        #expect(row == [Row([.integer(2), .integer(1), .integer(2), .integer(3)])])
    }

    @Test(arguments: [0, 1, 3])
    func aWrongNumberOfValuesIsRefused(count: Int) throws {
        let temporary = try TemporaryConnection()
        defer { temporary.end() }
        let connection = temporary.connection
        let values = [SQLValue](repeating: .integer(1), count: count)
        #expect(throws: StorageError.self) { try connection.run("SELECT $1, $2", values) }
        #expect(try connection.run("SELECT $1, $2", [.integer(1), .integer(2)]).count == 1)
    }

    @Test func whatNoStoreWritesIsForeign() throws {
        let temporary = try TemporaryConnection()
        defer { temporary.end() }
        let connection = temporary.connection
        #expect(try connection.run("SELECT 1.5, CAST(x'FF' AS TEXT)").map(Array.init) == [[.foreign, .foreign]])
    }

    @Test func aStatementIsUsableAfterItFailed() throws {
        let temporary = try TemporaryConnection()
        defer { temporary.end() }
        let connection = temporary.connection
        let insert: StaticString = "INSERT INTO versions (name, value) VALUES ($1, 1)"
        try connection.run(insert, [.text("a")])
        #expect(throws: StorageError.conflict(table: "versions")) { try connection.run(insert, [.text("a")]) }
        try connection.run(insert, [.text("b")])
    }

    @Test func aReaderCannotWrite() throws {
        let temporary = try TemporaryConnection()
        defer { temporary.end() }
        let connection = temporary.connection
        let reader = try SQLiteConnection(path: connection.path, purpose: .read)
        defer { reader.close() }
        #expect(throws: StorageError.self) { try reader.run("DELETE FROM versions") }
        #expect(try reader.run("SELECT value FROM versions").count == 1)
    }
}
