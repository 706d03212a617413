import Foundation
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import SQLStores

@Suite("Doctor and backup know of a move")
struct MoveCareTests {
    private struct Now: TimeSource {
        var now: Timestamp { Timestamp(seconds: Int64(Date().timeIntervalSince1970)) }
    }

    private func finding(_ database: MovedDatabase) throws -> Finding {
        let checks =
            switch database.place {
            case .sqlite(let path): SQLiteFacts(path, depth: .quick).checks
            case .postgreSQL(let settings): PostgreSQLFacts(settings, connections: 1, clock: Now()).checks
            }
        return try #require(checks.first { $0.name == "move" }).run()
    }

    @Test(arguments: MovePair.all)
    func doctorTellsHowItStandsAndWhatToDo(_ pair: MovePair) throws {
        try withMove(pair, rows: 3) { source, target in
            #expect(try finding(source).verdict == .ok)
            try source.move(to: target, .copy)
            let (copying, filling) = (try finding(source), try finding(target))
            #expect(copying.verdict == .warning && copying.remedy?.contains("--abort") == true)
            let connection = try source.connection()
            defer { connection.close() }
            let date = try #require(try connection.mark(MoveMark.inSource)).begunAt.internetDate
            #expect(copying.found.contains("since \(date)") && copying.found.contains("\(target.place)"))
            #expect(filling.verdict == .failed && filling.found.contains("\(source.place)"))
            #expect(filling.found.contains(date))
            try source.move(to: target) { step in
                guard step == .refusingWrites else { return }
                let frozen = try finding(source)
                #expect(frozen.verdict == .failed && frozen.found.contains("takes no writes"))
            }
            let moved = try finding(source)
            #expect(moved.verdict == .failed && moved.found.contains("has moved to \(target.place)"))
            #expect(try finding(target).verdict == .ok)
            let mark = try #require(try connection.mark(MoveMark.inSource))
            try MoveSource(connection: connection, tables: connection.catalogue()).giveUp(mark)
            #expect(try finding(source).verdict == .warning)
            _ = try DatabaseMove.abort(from: source.place)
            #expect(try finding(source).verdict == .ok)
        }
    }

    // MARK: SQLite's backups

    private static let toSQLite = MovePair(source: .sqlite, target: .sqlite)

    private func withCopy(
        of database: MovedDatabase, _ body: (MovedDatabase) throws -> Void
    ) throws {
        guard case .sqlite(let path) = database.place else { return }
        let copy = try MovedDatabase(.sqlite)
        defer { copy.remove() }
        guard case .sqlite(let target) = copy.place else { return }
        let folder = URL(fileURLWithPath: target).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            #expect(names.allSatisfy { !$0.contains(".part") }, "\(names)")
        }
        _ = try SQLiteBackup(of: path, to: target, replacing: false).run { _ in }
        try body(copy)
    }

    private func verification(_ database: MovedDatabase) throws -> [String: Finding.Verdict] {
        guard case .sqlite(let path) = database.place else { return [:] }
        return Dictionary(uniqueKeysWithValues: try SQLiteBackupFile(path).checks.map { ($0.name, $0.run().verdict) })
    }

    /// Of one that another program made.
    private func verdictOnAForeignCopy(of database: MovedDatabase) throws -> Finding.Verdict? {
        let copy = TemporaryDirectory()
        defer { copy.remove() }
        try FileManager.default.createDirectory(atPath: copy.path, withIntermediateDirectories: true)
        try database.run("VACUUM INTO '\(copy.file)'")
        return try SQLiteBackupFile(copy.file).checks.first { $0.name == "move" }?.run().verdict
    }

    @Test func aBackupDuringAMoveKnowsOfNone() throws {
        try withMove(MoveCareTests.toSQLite, rows: 3) { source, target in
            try source.move(to: target, .copy)
            try source.run("UPDATE users SET name = 'Grace'")
            let before = try source.marks()
            try withCopy(of: source) { copy in
                let verdicts = try verification(copy)
                #expect(verdicts.values.allSatisfy { $0 == .ok })
                #expect(try copy.marks() == 0)
                #expect(try copy.contents() == source.contents())
                try copy.open()
                try copy.run("UPDATE users SET name = 'Ada'")
                let other = try MovedDatabase(.sqlite)
                defer { other.remove() }
                #expect(try copy.move(to: other).isMoved)
            }
            #expect(try source.marks() == before)
            #expect(try source.move(to: target).changes == 3)
        }
    }

    @Test func whatIsNotTheHomeOfTheRecordsIsNotBackedUp() throws {
        try withMove(MoveCareTests.toSQLite, rows: 3) { source, target in
            func expectRefusal(_ database: MovedDatabase, _ words: String) {
                let refusal = #expect(throws: BackupError.self) { try withCopy(of: database) { _ in } }
                #expect(refusal?.description.contains(words) == true)
            }
            try source.move(to: target, .copy)
            expectRefusal(target, "being filled from \(source.place)")
            #expect(try verdictOnAForeignCopy(of: target) == .failed)
            try source.move(to: target) { step in
                guard step == .refusingWrites else { return }
                try withCopy(of: source) { copy in try copy.run("UPDATE users SET name = 'Ada'") }
            }
            expectRefusal(source, "has moved to \(target.place)")
            #expect(try verdictOnAForeignCopy(of: source) == .failed)
            try withCopy(of: target) { copy in
                let found = try verification(copy)["move"]
                #expect(found == .ok)
            }
        }
    }

    @Test func aNameThatCannotBeBroughtToDiskIsReported() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let path = directory.path + "/gone/copy.db"
        #expect(throws: BackupError.uncertain(path: path, reason: "No such file or directory")) {
            try BackupDraft.settle(path)
        }
        try FileManager.default.createDirectory(atPath: directory.path + "/gone", withIntermediateDirectories: true)
        try BackupDraft.settle(path)
    }
}
