import MartletTesting
import OAuthTypes
import Reactor
import Stores
import Testing

@testable import SQLStores

@Suite("What the calls of the stores take, and who waits")
struct StoreTimesTests {
    /// What an observer was told.
    private final class Told: Sendable {
        let calls = Locked([StoreOperation: Int]())

        var observer: StoreObserver {
            { operation, _ in self.calls.withLock { $0[operation, default: 0] += 1 } }
        }
    }

    @Test func everyOperationIsTimedUnderItsName() async throws {
        let told = Told()
        for law in StoreLaw.all {
            let directory = TemporaryDirectory()
            defer { directory.remove() }
            let storage = try SQLStorage.openSQLite(at: directory.file, role: .server, observer: told.observer)
            try await law.check(storage.stores)
            await storage.close()
        }
        let calls = told.calls.withLock { $0 }
        #expect(Set(StoreOperation.allCases).subtracting(calls.keys).isEmpty, "no law makes a store do these")
    }

    @Test func aCallIsTimedOnceAlsoWhenItFails() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let told = Told()
        let storage = try SQLStorage.openSQLite(at: directory.file, role: .server, observer: told.observer)
        _ = try await storage.stores.clients.list()
        _ = try await storage.stores.clients.insert(.withEveryFieldSet())
        #expect(told.calls.withLock { $0 } == [.listClients: 1, .insertClient: 1])
        await storage.close()
        await #expect(throws: StorageError.closed) { try await storage.stores.clients.list() }
        #expect(told.calls.withLock { $0 } == [.listClients: 2, .insertClient: 1])
    }

    @Test func aConnectorWithManyPeopleGoesInSteps() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let told = Told()
        let storage = try SQLStorage.openSQLite(at: directory.file, role: .server, observer: told.observer)
        let connector = Connector.withEveryFieldSet()
        #expect(try await storage.stores.connectors.insert(connector))
        let accounts = (0..<520).map { number in
            let id = UserID(rawValue: "u_\(number)")
            return ImportedAccount(
                user: .withNothingOptional(id: id.rawValue, email: "\(number)@example.com"), authenticator: nil,
                links: [
                    LinkedIdentity(
                        connector: connector.id, subject: "\(number)", userID: id, email: nil, name: nil,
                        linkedAt: .noon, lastUsedAt: nil)
                ])
        }
        _ = try await storage.stores.users.insert(accounts)
        #expect(try await storage.stores.connectors.remove(connector.id))
        await storage.close()
        // Disabled, a look at each of five tables, two steps for the links, and the connector.
        #expect(told.calls.withLock { $0[.removeConnector] } == 9)
    }

    @Test(.postgreSQL) func postgreSQLIsTimedToo() async throws {
        let schema = try TemporarySchema()
        let group = try EventLoopGroup(count: 2)
        let told = Told()
        let storage = try await SQLStorage.openPostgreSQL(
            try schema.settings(), on: group, role: .tool, observer: told.observer)
        _ = try await storage.stores.clients.list()
        #expect(told.calls.withLock { $0 } == [.listClients: 1])
        await storage.close()
        await group.stop()
        try schema.remove()
    }

    @Test func namesAreWordsOfTheMetrics() throws {
        let names = StoreOperation.allCases.map(\.name)
        #expect(names.contains("find_user_by_email") && names.contains("rotate_grant"))
        #expect(Set(names).count == names.count)
        for name in names { #expect(name.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil, "\(name)") }
        #expect(StoreOperation.allCases.map(\.rawValue) == Array(0..<names.count))
    }

    @Test func writesThatWaitForTheDiskAreSeen() async throws {
        try await withSQLite { storage, directory in
            let (reads, writes) = (storage.pools[0], storage.pools[1])
            #expect([writes.waiting(), writes.open(), writes.busy(), reads.open()] == [0, 1, 0, 0])
            _ = try await storage.stores.clients.list()
            #expect([reads.waiting(), reads.open(), reads.busy()] == [0, 1, 0])
            let other = try RawSQLite(directory.file)
            try other.execute("BEGIN IMMEDIATE")
            try await withThrowingTaskGroup { tasks in
                // One is with the thread, which cannot begin; the other waits for the thread.
                for number in 1...2 {
                    tasks.addTask {
                        let user = User.withNothingOptional(id: "u_\(number)", email: "\(number)@x.org")
                        // On a machine that stands still the database gives up before we have looked.
                        while (try? await storage.stores.users.insert(user)) == nil {}
                    }
                    while writes.busy() == 0 { try await Task.sleep(for: .milliseconds(1)) }
                }
                while [writes.waiting(), writes.busy()] != [1, 1] { try await Task.sleep(for: .milliseconds(1)) }
                try other.execute("COMMIT")
                try await tasks.waitForAll()
            }
            #expect(writes.waiting() == 0)
            while writes.busy() > 0 { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    @Test(.postgreSQL) func writesThatWaitForAConnectionAreSeen() async throws {
        let schema = try TemporarySchema()
        let group = try EventLoopGroup(count: 1)
        let settings = try schema.settings(connections: 2, timeout: .seconds(600))
        let storage = try await SQLStorage.openPostgreSQL(settings, on: group, role: .tool)
        let writes = storage.pools[1]
        #expect([writes.waiting(), writes.open(), writes.busy()] == [0, 0, 0])
        let probe = try schema.probe()
        try probe.run("SET idle_in_transaction_session_timeout = 0")
        try probe.run("BEGIN")
        try probe.run("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        try await withThrowingTaskGroup { tasks in
            for number in 1...5 {
                tasks.addTask {
                    let user = User.withNothingOptional(id: "u_\(number)", email: "\(number)@x.org")
                    _ = try await storage.stores.users.insert(user)
                }
            }
            while [writes.waiting(), writes.open(), writes.busy()] != [3, 2, 2] {
                try await Task.sleep(for: .milliseconds(5))
            }
            try probe.run("ROLLBACK")
            try await tasks.waitForAll()
        }
        while [writes.waiting(), writes.busy()] != [0, 0] { try await Task.sleep(for: .milliseconds(5)) }
        await storage.close()
        #expect(writes.open() == 0)
        await group.stop()
        try schema.remove()
    }
}
