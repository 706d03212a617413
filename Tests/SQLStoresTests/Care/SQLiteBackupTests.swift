import Foundation
import MartletTesting
import Stores
import Testing

@testable import SQLStores

@Suite("SQLite: a backup while the server writes")
struct SQLiteBackupTests {
    private func copy(_ directory: TemporaryDirectory) -> String { directory.path + "/copy.db" }

    private func drafts(_ directory: TemporaryDirectory) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".part") }
    }

    private func verdicts(_ path: String) throws -> [String: Finding.Verdict] {
        let checks = try SQLiteBackupFile(path).checks
        return Dictionary(uniqueKeysWithValues: checks.map { ($0.name, $0.run().verdict) })
    }

    /// Writes over some bytes of a file.
    private func damage(_ path: String, at offset: UInt64, count: Int = 400) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data(repeating: 0xFF, count: count))
        try file.close()
    }

    @Test func itIsOfTheMomentAtWhichItBegan() async throws {
        try await withSQLite { storage, directory in
            let other = try RawSQLite(directory.file)
            // More than two steps of pages, so that there is something between the first and the last.
            try other.execute("CREATE TABLE filler (x BLOB); INSERT INTO filler VALUES (zeroblob(25000000))")
            try other.execute("CREATE TABLE early (n INTEGER); CREATE TABLE late (n INTEGER)")
            try other.execute("INSERT INTO early VALUES (0); INSERT INTO late VALUES (0)")
            #expect(try await storage.stores.clients.insert(.withEveryFieldSet()))
            var steps = 0
            var failure: (any Error)?
            let outcome = try SQLiteBackup(of: directory.file, to: copy(directory), replacing: false).run { progress in
                guard case .copying = progress else { return }
                // A copy that begins anew at each write shall come to an end, too: a wrong one.
                guard steps < 20 else { return }
                steps += 1
                do {
                    let row = "VALUES (\(steps))"
                    try other.execute("BEGIN; INSERT INTO early \(row); INSERT INTO late \(row); COMMIT")
                } catch {
                    failure = error
                }
            }
            #expect(failure == nil)
            #expect(steps > 2)
            #expect(try other.column("SELECT count(*) FROM late") == ["\(steps + 1)"])
            let written = try RawSQLite(copy(directory))
            #expect(try written.column("SELECT n FROM early UNION ALL SELECT n FROM late") == ["0", "0"])
            #expect(outcome.tables.first { $0.table == "early" }?.rows == 1)
            #expect(outcome.tables.first { $0.table == "clients" }?.rows == 1)
            #expect(outcome.schema == Schema.current.number)
        }
    }

    @Test func itCanBeOpenedInThePlaceOfTheDatabase() async throws {
        try await withSQLite { storage, directory in
            #expect(try await storage.stores.clients.insert(.withEveryFieldSet()))
            _ = try SQLiteBackup(of: directory.file, to: copy(directory), replacing: false).run { _ in }
            #expect(try verdicts(copy(directory)).values.allSatisfy { $0 == .ok })
            #expect(try await storage.stores.clients.insert(.withNothingOptional(id: "later")))
            let restored = try SQLStorage.openSQLite(at: copy(directory), role: .server, schema: .require)
            #expect(try await restored.stores.clients.list() == [.withEveryFieldSet()])
            await restored.close()
        }
    }

    @Test func nothingIsReplacedUnlessItIsSaid() async throws {
        try await withSQLite { _, directory in
            let target = copy(directory)
            try Data("mine".utf8).write(to: URL(fileURLWithPath: target))
            #expect(throws: BackupError.exists(path: target)) {
                try SQLiteBackup(of: directory.file, to: target, replacing: false).run { _ in }
            }
            #expect(try String(contentsOfFile: target, encoding: .utf8) == "mine")
            for own in [directory.file, directory.file + "-wal", directory.path + "/./martlet.db"] {
                #expect(throws: BackupError.isTheDatabase(path: own)) {
                    try SQLiteBackup(of: directory.file, to: own, replacing: true).run { _ in }
                }
            }
            let nowhere = directory.path + "/no/copy.db"
            #expect(throws: BackupError.noFolder(path: directory.path + "/no")) {
                try SQLiteBackup(of: directory.file, to: nowhere, replacing: false).run { _ in }
            }
            _ = try SQLiteBackup(of: directory.file, to: target, replacing: true).run { _ in }
            let mode = try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try verdicts(target)["integrity"] == .ok)
            #expect(try drafts(directory) == [])
        }
    }

    @Test func aDamagedDatabaseGivesNoBackup() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try await SQLStorage.openSQLite(at: directory.file, role: .server).close()
        let raw = try RawSQLite(directory.file)
        let root = try #require(try raw.column("SELECT rootpage FROM sqlite_master WHERE name = 'users'").first)
        try damage(directory.file, at: (UInt64(root) ?? 0) * 4096 - 4096)
        #expect(throws: (any Error).self) {
            try SQLiteBackup(of: directory.file, to: copy(directory), replacing: false).run { _ in }
        }
        #expect(!FileManager.default.fileExists(atPath: copy(directory)))
        #expect(try drafts(directory) == [])
    }

    @Test func aCopyThatWasDamagedAfterwardsIsNoticed() async throws {
        try await withSQLite { storage, directory in
            for number in 0..<200 {
                _ = try await storage.stores.users.insert(
                    .withNothingOptional(id: "u_\(number)", email: "person\(number)@example.com"))
            }
            let whole = copy(directory)
            _ = try SQLiteBackup(of: directory.file, to: whole, replacing: false).run { _ in }
            #expect(try verdicts(whole)["integrity"] == .ok)

            let bitten = directory.path + "/bitten.db"
            try FileManager.default.copyItem(atPath: whole, toPath: bitten)
            let raw = try RawSQLite(whole)
            let root = try #require(try raw.column("SELECT rootpage FROM sqlite_master WHERE name = 'users'").first)
            try damage(bitten, at: (UInt64(root) ?? 0) * 4096 - 4096)
            #expect(try verdicts(bitten)["integrity"] == .failed)

            let short = directory.path + "/short.db"
            let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
            try bytes.dropLast(8192).write(to: URL(fileURLWithPath: short))
            let found = (try? verdicts(short)) ?? ["file": .failed]
            #expect(found.values.contains(.failed))

            let foreign = directory.path + "/foreign.db"
            try RawSQLite(foreign).execute("CREATE TABLE t (x)")
            #expect(throws: StorageError.foreign(path: foreign)) { try SQLiteBackupFile(foreign) }
        }
    }

    @Test func aDatabaseInUseIsNoBackup() async throws {
        try await withSQLite { storage, directory in
            #expect(try await storage.stores.clients.insert(.withEveryFieldSet()))
            #expect((try? verdicts(directory.file))?["file"] != .ok)
            _ = try SQLiteBackup(of: directory.file, to: copy(directory), replacing: false).run { _ in }
            #expect(try verdicts(copy(directory))["file"] == .ok)
            chmod(copy(directory), 0o644)
            #expect(try verdicts(copy(directory))["file"] == .warning)
        }
    }
}
