import Foundation
import MartletTesting
import OAuthTypes
import Reactor
import Stores
import Testing

@testable import SQLStores

/// A database of its own with the tables of the stores, and one for mischief.
private func withDatabase<Result: Sendable>(
    connections: Int = 4, timeout: Duration = .seconds(60),
    _ body: (PostgreSQLDatabase, TemporarySchema, PostgreSQLProbe) async throws -> Result
) async throws -> Result {
    let schema = try TemporarySchema()
    let group = try EventLoopGroup(count: 1)
    let settings = try schema.settings(connections: connections, timeout: timeout)
    _ = try PostgreSQLOpening.bringUpToDate(settings, schema: .migrate)
    let database = await PostgreSQLDatabase(settings, on: group)
    let probe = try schema.probe()
    try probe.run("CREATE TABLE things (id bigint PRIMARY KEY, value bigint NOT NULL CHECK (value < 1000))")
    do {
        let result = try await body(database, schema, probe)
        await database.close()
        await group.stop()
        try schema.remove()
        return result
    } catch {
        await database.close()
        await group.stop()
        try? schema.remove()
        throw error
    }
}

private func insert(_ id: Int64, _ value: Int64) -> Command {
    Command("INSERT INTO things (id, value) VALUES ($1, $2)", [.integer(id), .integer(value)])
}

@Suite("PostgreSQL: pipelines, failures and other nodes", .postgreSQL)
struct PostgreSQLDatabaseTests {
    @Test func aStatementThatFailsHarmsNoneOfItsNeighbours() async throws {
        try await withDatabase { database, _, probe in
            _ = try await database.write([insert(0, 0)])
            let number = Counter()
            let outcomes = try await concurrently(64) {
                let id = Int64(number.next())
                do {
                    if id % 4 == 0 {
                        // Division by zero, among reads that share its turn of the loop.
                        return try await database.read("SELECT 1 / (value - value) FROM things", []).count
                    }
                    if id % 4 == 1 { return try await database.write([insert(id, 5000)]).count }
                    if id % 4 == 2 { return try await database.read("SELECT value FROM things WHERE id = 0", []).count }
                    return try await database.write([insert(id, id)]).count
                } catch StorageError.failed {
                    return -1
                }
            }
            #expect(outcomes.count { $0 == -1 } == 32)
            #expect(outcomes.count { $0 == 1 } == 32)
            #expect(try probe.number("SELECT count(*) FROM things") == 17)
        }
    }

    @Test func aStatementWhoseNeighbourFailedIsPreparedAgain() async throws {
        // One reading connection is enough: all three statements are new to it.
        try await withDatabase(connections: 1) { database, _, _ in
            _ = try await database.write([insert(0, 0)])
            for _ in 0..<20 {
                let number = Counter()
                let counts = try await concurrently(6) {
                    switch number.next() % 3 {
                    case 0:
                        (try? await database.read("SELECT 2 / (value - value) FROM things WHERE id >= 0", []).count)
                            ?? -1
                    case 1: try await database.read("SELECT value FROM things WHERE id = 0 AND 2 = 2", []).count
                    default: try await database.read("SELECT id FROM things WHERE value = 0 AND 3 = 3", []).count
                    }
                }
                #expect(counts.sorted() == [-1, -1, 1, 1, 1, 1])
            }
        }
    }

    @Test func aFirstWriteIsFinishedByAClosing() async throws {
        let schema = try TemporarySchema()
        let group = try EventLoopGroup(count: 1)
        let storage = try await SQLStorage.openPostgreSQL(try schema.settings(), on: group, role: .tool)
        async let inserted = storage.stores.clients.insert(.withEveryFieldSet())
        await storage.close()
        // Accepted before the end or refused by it; never left without an answer.
        let isThere = (try? await inserted) != nil
        #expect(try schema.probe().number("SELECT count(*) FROM clients") == (isThere ? 1 : 0))
        await group.stop()
        try schema.remove()
    }

    @Test func allOfAWriteOrNone() async throws {
        try await withDatabase { database, _, probe in
            await #expect(throws: StorageError.conflict(table: "things")) {
                try await database.write([insert(1, 1), insert(2, 2), insert(1, 3)])
            }
            #expect(try probe.number("SELECT count(*) FROM things") == 0)
            _ = try await database.write([insert(1, 1), insert(2, 2)])
            #expect(try probe.number("SELECT count(*) FROM things") == 2)
        }
    }

    @Test func theRestRunsOnlyIfTheFirstFindsARow() async throws {
        try await withDatabase { database, _, probe in
            _ = try await database.write([insert(1, 1)])
            let update: StaticString = "UPDATE things SET value = value + 1 WHERE id = $1 RETURNING value"
            let none = try await database.write([Command(update, [.integer(9)])], then: [insert(2, 2)])
            #expect(none.isEmpty)
            #expect(try probe.number("SELECT count(*) FROM things") == 1)
            let found = try await database.write([Command(update, [.integer(1)])], then: [insert(2, 2)])
            #expect(found == [Row([.integer(2)])])
            #expect(try probe.number("SELECT count(*) FROM things") == 2)
            // What fails in the rest takes the first back.
            await #expect(throws: StorageError.conflict(table: "things")) {
                try await database.write([Command(update, [.integer(1)])], then: [insert(2, 2)])
            }
            #expect(try probe.number("SELECT value FROM things WHERE id = 1") == 2)
            // Of several first ones the last decides, and the others go with it.
            let refused = try await database.write(
                [insert(3, 3), Command("SELECT 1 WHERE false", [])], then: [insert(4, 4)])
            #expect(refused.isEmpty)
            let accepted = try await database.write(
                [insert(5, 5), Command("SELECT 1 WHERE true", [])], then: [insert(6, 6)])
            #expect(accepted.count == 1)
            #expect(try probe.number("SELECT sum(id) FROM things WHERE id > 2") == nil)
            #expect(try probe.number("SELECT count(*) FROM things WHERE id > 2") == 2)
            await #expect(throws: StorageError.conflict(table: "things")) {
                try await database.write([insert(7, 7), Command("SELECT 1 WHERE true", [])], then: [insert(1, 1)])
            }
            #expect(try await database.write([insert(7, 7)]).count == 1)
        }
    }

    @Test func aCommitThatFailsIsNoSuccess() async throws {
        try await withDatabase { database, _, probe in
            try probe.run("CREATE TABLE parents (id bigint PRIMARY KEY)")
            try probe.run(
                "ALTER TABLE things ADD FOREIGN KEY (value) REFERENCES parents DEFERRABLE INITIALLY DEFERRED")
            await #expect(throws: StorageError.self) { try await database.write([insert(1, 1)]) }
            #expect(try probe.number("SELECT count(*) FROM things") == 0)
            try probe.run("INSERT INTO parents VALUES (1)")
            _ = try await database.write([insert(1, 1)])
            #expect(try probe.number("SELECT count(*) FROM things") == 1)
        }
    }

    @Test func deadlocksAreResolvedByRunningAgain() async throws {
        // The server finds each deadlock after a second, and in the worst case they come one after the other.
        try await withDatabase(timeout: .seconds(240)) { database, _, probe in
            _ = try await database.write([insert(1, 0), insert(2, 0)])
            let number = Counter()
            let raise: StaticString = "UPDATE things SET value = value + 1 WHERE id = $1"
            // Two only: whenever a write is given up, one of the other's succeeds, so it is not given up for ever.
            _ = try await concurrently(2) {
                for _ in 0..<4 {
                    let first: Int64 = number.next() % 2 == 0 ? 1 : 2
                    _ = try await database.write([
                        Command(raise, [.integer(first)]), Command("SELECT pg_sleep(0.01)", []),
                        Command(raise, [.integer(3 - first)]),
                    ])
                }
            }
            #expect(try probe.number("SELECT sum(value)::bigint FROM things") == 16)
        }
    }

    @Test func readsSurviveTheEndOfTheirConnections() async throws {
        try await withDatabase { database, schema, probe in
            _ = try await database.write([insert(1, 7)])
            let number = Counter()
            let rows = try await concurrently(32) {
                if [8, 24].contains(number.next()) {
                    try probe.run(PostgreSQLDatabaseTests.endOthers(schema))
                }
                while true {
                    do {
                        return try await database.read("SELECT value FROM things WHERE id = 1", [])
                    } catch StorageError.unavailable {
                        // An end can meet a connection that is being made; on a slow machine that counts as an outage.
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
            }
            #expect(rows == Array(repeating: [Row([.integer(7)])], count: 32))
        }
    }

    @Test func aWriteCutOffIsNeverCalledDoneAndNeverHappensTwice() async throws {
        try await withDatabase { database, schema, probe in
            let number = Counter()
            let successes = Locked(0)
            let told = try await concurrently(32) { () -> (done: [Int64], refused: [Int64]) in
                var (done, refused): ([Int64], [Int64]) = ([], [])
                // However many are refused meanwhile: enough are acknowledged to prove something.
                while successes.withLock({ $0 }) <= 50 || done.count + refused.count < 8 {
                    let id = Int64(number.next())
                    if id % 32 == 0, id <= 256 { try probe.run(PostgreSQLDatabaseTests.endOthers(schema)) }
                    do {
                        _ = try await database.write([insert(id, 1)])
                        done.append(id)
                        successes.withLock { $0 += 1 }
                    } catch StorageError.outcomeUnknown {
                        continue
                    } catch StorageError.unavailable {
                        refused.append(id)
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                return (done, refused)
            }
            let there = Set(
                try probe.run("SELECT id FROM things").compactMap { row -> Int64? in
                    if case .integer(let id)? = row.first(where: { _ in true }) { id } else { nil }
                })
            let acknowledged = told.flatMap(\.done)
            #expect(acknowledged.count > 50)
            #expect(there.isDisjoint(with: told.flatMap(\.refused)))
            #expect(there.isSuperset(of: acknowledged))
        }
    }

    @Test func whatNobodyAnswersEndsAtItsDeadline() async throws {
        try await withDatabase { database, schema, probe in
            _ = try await database.write([insert(1, 1)])
            // Impatient for what is refused; what succeeds has all the time that a slow machine needs.
            let group = try EventLoopGroup(count: 1)
            let hasty = await PostgreSQLDatabase(try schema.settings(timeout: .seconds(1)), on: group)
            // However slow this machine is, the lock stays.
            try probe.run("SET idle_in_transaction_session_timeout = 0")
            try probe.run("BEGIN")
            try probe.run("LOCK TABLE things IN ACCESS EXCLUSIVE MODE")
            // The server's own limit or ours, whichever comes first: in either case the caller hears of it.
            await #expect(throws: StorageError.self) { try await hasty.read("SELECT value FROM things", []) }
            await #expect(throws: StorageError.self) { try await hasty.write([insert(2, 2)]) }
            await hasty.close()
            await group.stop()
            try probe.run("ROLLBACK")
            // Whether the write that was given up still happens nobody can know.
            #expect(try await database.read("SELECT value FROM things WHERE id = 1", []).count == 1)
            #expect(try await database.write([insert(3, 3)]).count == 1)
        }
    }

    @Test func aWriteHasOneDeadlineForAllItsStatements() async throws {
        try await withDatabase(timeout: .seconds(3)) { database, _, _ in
            // None of them takes as long as that, all together would take half a minute and succeed.
            let slow = Array(repeating: Command("SELECT pg_sleep(1)", []), count: 30)
            await #expect(throws: StorageError.self) { try await database.write(slow + [insert(1, 1)]) }
            // Whether it still happens nobody can know: its COMMIT was on the way with all the rest.
            let answers = try await database.write([Command("SELECT pg_sleep(0)", []), insert(2, 2)])
            #expect(answers.count == 2)
        }
    }

    @Test func anAddressWhereNobodyAnswersIsReportedWithoutItsPassword() async throws {
        let group = try EventLoopGroup(count: 1)
        let settings = try PostgreSQLSettings("postgresql://martlet:hunter2secret@127.0.0.1:1/none")
        let database = await PostgreSQLDatabase(settings, on: group)
        do {
            _ = try await database.read("SELECT 1", [])
            Issue.record("nobody listens there")
        } catch {
            guard case .unavailable(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(!reason.contains("hunter2secret"))
            #expect(reason.contains("127.0.0.1"))
        }
        #expect(settings.description == "127.0.0.1:1/none")
        await database.close()
        await group.stop()
    }

    @Test func theFirstHostThatTakesWritesIsUsed() async throws {
        let schema = try TemporarySchema()
        // The address is user@host:port/name; a dead host before the living one.
        let address = schema.address.replacing("@", with: "@127.0.0.1:1,")
        let group = try EventLoopGroup(count: 1)
        let storage = try await SQLStorage.openPostgreSQL(try PostgreSQLSettings(address), on: group, role: .tool)
        #expect(try await storage.stores.versions.current() == 1)
        await storage.close()
        await group.stop()
        try schema.remove()
    }

    @Test func nodesThatStartAtOnceMigrateOnce() async throws {
        let schema = try TemporarySchema()
        let settings = try schema.settings()
        let applied = try await concurrently(6) {
            try PostgreSQLOpening.bringUpToDate(settings, schema: .migrate).count
        }
        let steps = Schema.current.scripts.count
        #expect(applied.sorted() == [0, 0, 0, 0, 0, steps])
        #expect(try schema.probe().number("SELECT count(*) FROM schema_migrations") == Int64(steps))
        try schema.remove()
    }

    @Test func oneNodeIsOnDutyAndAnotherTakesOver() async throws {
        let schema = try TemporarySchema()
        let group = try EventLoopGroup(count: 1)
        var nodes: [SQLStorage] = []
        for _ in 0..<3 {
            nodes.append(try await SQLStorage.openPostgreSQL(try schema.settings(), on: group, role: .server))
        }
        var holder = nodes.firstIndex { $0.isOnDuty }
        while holder == nil {
            try await Task.sleep(for: .milliseconds(20))
            holder = nodes.firstIndex { $0.isOnDuty }
        }
        for _ in 0..<20 {
            #expect(nodes.count { $0.isOnDuty } <= 1)
            try await Task.sleep(for: .milliseconds(20))
        }
        let first = try #require(holder)
        await nodes.remove(at: first).close()
        while !nodes.contains(where: \.isOnDuty) { try await Task.sleep(for: .milliseconds(20)) }
        #expect(nodes.count { $0.isOnDuty } == 1)
        for node in nodes { await node.close() }
        await group.stop()
        try schema.remove()
    }

    @Test func aChangeIsAnnouncedToTheOtherNodes() async throws {
        let schema = try TemporarySchema()
        let group = try EventLoopGroup(count: 1)
        let one = try await SQLStorage.openPostgreSQL(try schema.settings(), on: group, role: .server)
        let other = try await SQLStorage.openPostgreSQL(try schema.settings(), on: group, role: .server)
        let (calls, caller) = AsyncStream.makeStream(of: Void.self)
        other.onChange { caller.yield() }
        // The watch says so once when it begins to listen; only then can it hear.
        while try schema.probe().number(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE (query LIKE '%advisory%' OR query = 'SELECT true')
                AND application_name = '\(schema.name)' AND pid <> pg_backend_pid()
            """) ?? 0 < 2
        { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try await one.stores.clients.insert(.withEveryFieldSet()))
        for await _ in calls {
            // However many calls there were, one comes with or after the change.
            if try await other.stores.versions.current() == 2 { break }
        }
        #expect(try await other.stores.clients.find(Client.withEveryFieldSet().id) != nil)
        await one.close()
        await other.close()
        await group.stop()
        try schema.remove()
    }

    @Test func closingFinishesWhatWasAcceptedAndThenRefuses() async throws {
        try await withDatabase { database, _, probe in
            let number = Counter()
            async let outcomes = concurrently(32) {
                do {
                    return try await database.write([insert(Int64(number.next()), 1)]).count
                } catch StorageError.closed {
                    return 0
                }
            }
            await database.close()
            let accepted = try await outcomes.reduce(0, +)
            #expect(try probe.number("SELECT count(*) FROM things") == Int64(accepted))
            await #expect(throws: StorageError.closed) { try await database.read("SELECT 1", []) }
        }
    }

    @Test func markedCommentsAreOpenedAndOthersStay() {
        #expect(PostgreSQLDialect.text(of: "SELECT 1 /*! FOR SHARE */").contains("FOR SHARE"))
        #expect(!PostgreSQLDialect.text(of: "SELECT 1 /*! FOR SHARE */").contains("*"))
        #expect(PostgreSQLDialect.text(of: "SELECT 1 /* why */") == "SELECT 1 /* why */")
    }

    /// Ends every connection that has found this schema, but the one that asks.
    private static func endOthers(_ schema: TemporarySchema) -> String {
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND application_name = '\(schema.name)'
        """
    }
}
