import Foundation
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import SQLStores

@Suite("SQLite: writers, readers and other processes")
struct SQLiteDatabaseTests {
    @Test func sixtyFourWritersAtOnceAllGetThrough() async throws {
        try await withSQLite { storage, directory in
            let number = Counter()
            _ = try await concurrently(64) {
                for _ in 0..<10 {
                    let id = number.next()
                    try await storage.stores.codes.issue(
                        .withEveryFieldSet(digest: .numbered(id), grant: "g-\(id)"), under: .living(id: "g-\(id)")
                    )
                    // Who was told that it is there finds it.
                    let grant = try await storage.stores.grants.find(GrantID(rawValue: "g-\(id)"), at: .noon)
                    #expect(grant?.id.rawValue == "g-\(id)")
                }
            }
            #expect(try RawSQLite(directory.file).column("SELECT COUNT(*) FROM codes") == ["640"])
            #expect(try RawSQLite(directory.file).column("PRAGMA integrity_check") == ["ok"])
        }
    }

    @Test func whatAnotherProcessWritesIsSeen() async throws {
        try await withSQLite { server, directory in
            let before = try await server.stores.versions.current()
            let tool = try SQLStorage.openSQLite(at: directory.file, role: .tool)
            #expect(try await tool.stores.clients.insert(.withEveryFieldSet()))
            #expect(try await server.stores.clients.find(Client.withEveryFieldSet().id) == .withEveryFieldSet())
            #expect(try await server.stores.versions.current() > before)
            await tool.close()
            #expect(try await server.stores.users.insert(.withNothingOptional()))
        }
    }

    @Test func aToolLeavesTheLogToTheServer() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        func logSize() throws -> Int {
            let log = directory.file + "-wal"
            guard FileManager.default.fileExists(atPath: log) else { return 0 }
            return try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int ?? 0
        }
        let tool = try SQLStorage.openSQLite(at: directory.file, role: .tool)
        #expect(try await tool.stores.clients.insert(.withEveryFieldSet()))
        await tool.close()
        #expect(try logSize() > 0)
        let server = try SQLStorage.openSQLite(at: directory.file, role: .server)
        #expect(try await server.stores.clients.find(Client.withEveryFieldSet().id) != nil)
        await server.close()
        #expect(try logSize() == 0)
    }

    @Test func theServerKeepsTheLogShort() async throws {
        try await withSQLite { storage, directory in
            // One after the other: a transaction each, of some 7 pages, so that the limit is passed several times over.
            for id in 0..<2000 {
                try await storage.stores.codes.issue(
                    .withEveryFieldSet(digest: .numbered(id), grant: "g-\(id)"), under: .living(id: "g-\(id)")
                )
            }
            // Past what the writer leaves to another thread by one batch at the most.
            let size = try FileManager.default.attributesOfItem(atPath: directory.file + "-wal")[.size] as? Int ?? 0
            #expect(size < (Int(SQLiteCheckpointer.most) + 1000) * 4120)
            let file = try FileManager.default.attributesOfItem(atPath: directory.file)[.size] as? Int ?? 0
            #expect(file > 100_000)
        }
    }

    @Test func aFullQueueRefusesAtOnceAndTheRestGetThrough() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let (connection, _) = try SQLiteOpening.open(at: directory.file, role: .server, schema: .migrate)
        let database = try SQLiteDatabase(writing: connection, queueCapacity: 4)
        let users = UserTable(database: TimedDatabase(database))
        let other = try RawSQLite(directory.file)
        try other.execute("BEGIN IMMEDIATE")
        // The thread has at most a few in hand while it cannot begin, and four may wait: of forty, some must be refused.
        let refused = Counter()
        let outcomes = try await concurrently(40) {
            let id = Int.random(in: 0..<Int.max)
            do {
                return try await users.insert(.withNothingOptional(id: "u_\(id)", email: "\(id)@x.org"))
            } catch StorageError.busy {
                // Whoever sees the first refusal lets the others through.
                if refused.next() == 1 { try other.execute("COMMIT") }
                return false
            }
        }
        let accepted = outcomes.count { $0 }
        #expect(accepted > 0)
        #expect(accepted < 40)
        #expect(try RawSQLite(directory.file).column("SELECT COUNT(*) FROM users") == ["\(accepted)"])
        await database.close()
    }

    @Test func closingFinishesWhatWasAcceptedAndThenRefuses() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let storage = try SQLStorage.openSQLite(at: directory.file, role: .server)
        let number = Counter()
        async let outcomes = concurrently(32) {
            let id = number.next()
            do {
                return try await storage.stores.users.insert(.withNothingOptional(id: "u_\(id)", email: "\(id)@x.org"))
            } catch StorageError.closed {
                return false
            }
        }
        await storage.close()
        let accepted = try await outcomes.count { $0 }
        #expect(try RawSQLite(directory.file).column("SELECT COUNT(*) FROM users") == ["\(accepted)"])
        await #expect(throws: StorageError.closed) { try await storage.stores.users.insert(.withNothingOptional()) }
        await #expect(throws: StorageError.closed) { try await storage.stores.versions.current() }
        await storage.close()
    }
}
