import Foundation
import MartletTesting
import Reactor
import Stores
import Testing

@testable import SQLStores

/// What the tables ask a database while every law runs: each text once, with the kinds of its values.
final class StatementLog: Sendable {
    private let kinds = Locked([String: String]())

    /// The texts in order, each with a letter for every parameter as in `RecordedStatement`.
    var statements: [(text: String, kinds: String)] {
        kinds.withLock { $0.map { (text: $0.key, kinds: $0.value) }.sorted { $0.text < $1.text } }
    }

    func note(_ statement: StaticString, _ values: [SQLValue]) {
        let letters = values.map(StatementLog.letter)
        kinds.withLock { kinds in
            let before = kinds[statement.description].map(Array.init) ?? letters
            // What is null in one call says nothing about the next.
            kinds[statement.description] = String(zip(before, letters).map { $0 == "n" ? $1 : $0 })
        }
    }

    private static func letter(_ value: SQLValue) -> Character {
        switch value {
        case .text: "t"
        case .integer: "i"
        case .bytes: "b"
        case .null, .foreign: "n"
        }
    }

    /// Everything that this program asks of tables: by its stores, and of the list of steps.
    static func ofThisProgram() async throws -> StatementLog {
        let log = StatementLog()
        for law in StoreLaw.all { try await log.run(law.check) }
        log.note(Schema.Statements.listOld, [])
        log.note(Schema.Statements.list, [])
        return log
    }

    /// Checks a law on a database of its own.
    private func run(_ law: (Storage) async throws -> Void) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let connection = try SQLiteOpening.open(at: directory.file, role: .server, schema: .migrate).connection
        let database = try SQLiteDatabase(writing: connection)
        do {
            try await law(Storage(database: TimedDatabase(LoggedDatabase(database: database, log: self))))
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }
}

/// A database that notes what it is asked.
private struct LoggedDatabase: SQLDatabase {
    let database: SQLiteDatabase
    let log: StatementLog

    func read(_ statement: StaticString, _ parameters: [SQLValue]) async throws(StorageError) -> [Row] {
        log.note(statement, parameters)
        return try await database.read(statement, parameters)
    }

    func write(_ commands: [Command]) async throws(StorageError) -> [[Row]] {
        for command in commands { log.note(command.statement, command.parameters) }
        return try await database.write(commands)
    }

    func write(_ first: [Command], then rest: [Command]) async throws(StorageError) -> [Row] {
        for command in first + rest { log.note(command.statement, command.parameters) }
        return try await database.write(first, then: rest)
    }
}
