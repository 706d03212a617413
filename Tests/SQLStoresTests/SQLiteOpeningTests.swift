import Foundation
import MartletTesting
import SQLStores
import Stores
import Testing

@Suite("SQLite: opening a file")
struct SQLiteOpeningTests {
    private let directory = TemporaryDirectory()

    private func open(_ path: String? = nil, schema: SQLStorage.SchemaPolicy = .migrate) throws -> SQLStorage {
        try SQLStorage.openSQLite(at: path ?? directory.file, role: .server, schema: schema)
    }

    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func filesAreTheOwnersAlone() async throws {
        defer { directory.remove() }
        let storage = try open()
        #expect(try mode(directory.path) == 0o700)
        for suffix in ["", "-wal", "-shm"] { #expect(try mode(directory.file + suffix) == 0o600, "\(suffix)") }
        await storage.close()
    }

    @Test func whatWasWrittenIsThereTheNextTime() async throws {
        defer { directory.remove() }
        let first = try open()
        #expect(try await first.stores.clients.insert(.withEveryFieldSet()))
        #expect(first.applied.map(\.number) == [1, 2, 3, 4])
        await first.close()
        let second = try open()
        #expect(second.applied == [])
        #expect(try await second.stores.clients.list() == [.withEveryFieldSet()])
        await second.close()
    }

    @Test func concurrentOpenersApplyTheSchemaOnce() async throws {
        defer { directory.remove() }
        let storages = try await concurrently(8) { try open() }
        #expect(storages.count { !$0.applied.isEmpty } == 1)
        for storage in storages {
            #expect(try await storage.stores.versions.current() == 1)
            await storage.close()
        }
    }

    @Test func statusTellsWhatIsThereAndWhatIsNot() async throws {
        defer { directory.remove() }
        #expect(throws: StorageError.self) { try SQLStorage.schemaStatus(ofSQLiteAt: directory.file) }
        #expect(!FileManager.default.fileExists(atPath: directory.file))
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        #expect(FileManager.default.createFile(atPath: directory.file, contents: nil))
        let empty = try SQLStorage.schemaStatus(ofSQLiteAt: directory.file)
        #expect(empty.applied == [])
        #expect(empty.pending.map(\.number) == [1, 2, 3, 4])
        #expect(empty == .ofNoDatabase)
        #expect(throws: StorageError.schemaOutdated(found: 0, needed: 4)) { try open(schema: .require) }
        await (try open()).close()
        let full = try SQLStorage.schemaStatus(ofSQLiteAt: directory.file)
        #expect(full.applied == empty.pending)
        #expect(full.pending == [])
        await (try open(schema: .require)).close()
    }

    @Test func aSchemaOfAnotherTextIsRefused() async throws {
        defer { directory.remove() }
        await (try open()).close()
        let raw = try RawSQLite(directory.file)
        try raw.execute("UPDATE schema_migrations SET checksum = checksum + 1 WHERE number = 1")
        #expect(throws: StorageError.schemaChanged(number: 1)) { try open() }
        try raw.execute("UPDATE schema_migrations SET checksum = checksum - 1 WHERE number = 1")
        await (try open()).close()
    }

    @Test func aFileThatIsNoDatabaseIsRefusedAndLeftAlone() throws {
        defer { directory.remove() }
        let garbage = Data((0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        try garbage.write(to: URL(fileURLWithPath: directory.file))
        #expect(throws: StorageError.corrupt(path: directory.file)) { try open() }
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.file)) == garbage)
    }

    @Test func aDatabaseOfAnotherProgramIsRefusedAndLeftAlone() async throws {
        defer { directory.remove() }
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        try RawSQLite(directory.file).execute("CREATE TABLE users (id TEXT)")
        #expect(throws: StorageError.foreign(path: directory.file)) { try open() }
        let raw = try RawSQLite(directory.file)
        #expect(try raw.column("SELECT name FROM sqlite_master") == ["users"])
        try raw.execute("DROP TABLE users")
        await (try open()).close()
    }

    @Test func aPathThatCannotBeIsNamed() throws {
        let file = "/dev/null/martlet.db"
        let error = #expect(throws: StorageError.self) { try open(file) }
        #expect(error?.description.contains("/dev/null") == true)
        #expect(throws: StorageError.inaccessible(path: "", reason: "it is no path")) { try open("") }
        #expect(throws: StorageError.self) { try open(directory.path + "/missing/martlet.db") }
    }

    // Not even root may create a file there.
    @Test func aDirectoryThatTakesNoFilesIsReadOnly() throws {
        #expect(throws: StorageError.readOnly(path: "/sys/martlet.db")) { try open("/sys/martlet.db") }
    }

    @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
    func aFileThatMayNotBeWrittenIsReadOnly() async throws {
        defer {
            chmod(directory.path, 0o700)
            directory.remove()
        }
        await (try open()).close()
        chmod(directory.file, 0o400)
        chmod(directory.path, 0o500)
        #expect(throws: StorageError.self) { try open() }
        chmod(directory.path, 0o700)
        chmod(directory.file, 0o600)
        await (try open()).close()
    }

    @Test func aNameIsAlwaysAPath() async throws {
        defer { directory.remove() }
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        for name in [":memory:", "file:x?mode=memory", "a%20b.db"] {
            await (try open(directory.path + "/" + name)).close()
            #expect(FileManager.default.fileExists(atPath: directory.path + "/" + name), "\(name)")
        }
    }
}
