import Foundation
import MartletTesting
import Reactor
import Stores
import Testing

@testable import SQLStores

@Suite("PostgreSQL: what is known of a connection that ends, and what comes along with an answer", .postgreSQL)
struct PostgreSQLLossTests {
    private static let increase = Command("UPDATE things SET value = value + 1 WHERE id = 1", [])
    private static let found = Command("SELECT 1 WHERE true", [])
    private static let add = Command("INSERT INTO things (id, value) VALUES (2, 2)", [])

    /// Runs a write with a `COMMIT` of its own, in whose answer a rule interferes once.
    private func outcome(
        of verdict: ServerProxy.Verdict
    ) async throws -> (result: Result<[Row], any Error>, value: Int64?, added: Int64?) {
        let schema = try TemporarySchema()
        let isArmed = SharedValue(true)
        let proxy = try ServerProxy { message in
            guard message.type == "C", message.text == "COMMIT" else { return .pass }
            let isFirst = isArmed.withLock { isArmed in
                defer { isArmed = false }
                return isArmed
            }
            return isFirst ? verdict : .pass
        }
        defer { proxy.close() }
        let probe = try schema.probe()
        try probe.run("CREATE TABLE things (id bigint PRIMARY KEY, value bigint NOT NULL)")
        try probe.run("INSERT INTO things VALUES (1, 0)")
        let group = try EventLoopGroup(count: 1)
        let settings = try PostgreSQLSettings(proxy.address(of: schema), connections: 1, timeout: .seconds(60))
        let database = await PostgreSQLDatabase(settings, on: group)
        let result: Result<[Row], any Error>
        do {
            result = .success(
                try await database.write(
                    [PostgreSQLLossTests.increase, PostgreSQLLossTests.found], then: [PostgreSQLLossTests.add]))
        } catch {
            result = .failure(error)
        }
        let value = try probe.number("SELECT value FROM things WHERE id = 1")
        let added = try probe.number("SELECT count(*) FROM things WHERE id = 2")
        #expect(!isArmed.withLock { $0 })
        await database.close()
        await group.stop()
        try schema.remove()
        return (result, value, added)
    }

    @Test(arguments: [ServerProxy.fatal("57P01"), []])
    func aCommitThatWasAnsweredIsASuccessAndIsNotRunAgain(lastWords: [UInt8]) async throws {
        let outcome = try await outcome(of: .passAndEnd(lastWords))
        #expect(try outcome.result.get() == [Row([.integer(1)])])
        #expect(outcome.value == 1)
        #expect(outcome.added == 1)
    }

    @Test func aCommitWhoseAnswerIsLostStaysUnknown() async throws {
        let outcome = try await outcome(of: .end)
        #expect(throws: StorageError.outcomeUnknown) { _ = try outcome.result.get() }
        #expect(outcome.value == 1)
    }

    @Test(.timeLimit(.minutes(5)))
    func aNotificationThatCameWithAnAnswerIsToldAtOnce() async throws {
        enum Phase { case before, listening, holding(seen: Set<Character>), after }
        let schema = try TemporarySchema()
        let phase = SharedValue(Phase.before)
        // What follows the LISTEN is held back until an answer and our notification have come (those of other tests come
        // on the same channel); after them nothing passes.
        let proxy = try ServerProxy { message in
            phase.withLock { phase in
                switch phase {
                case .before:
                    if message.type == "C", message.text == "LISTEN" { phase = .listening }
                    return .pass
                case .listening:
                    if message.type == "Z" { phase = .holding(seen: []) }
                    return .pass
                case .holding(let seen):
                    let isForeign =
                        message.type == "A" && !String(decoding: message.bytes, as: UTF8.self).contains(schema.name)
                    let seen = isForeign ? seen : seen.union([message.type])
                    guard seen.isSuperset(of: ["A", "Z"]) else {
                        phase = .holding(seen: seen)
                        return .hold
                    }
                    phase = .after
                    return .pass
                case .after: return .hold
                }
            }
        }
        defer { proxy.close() }
        // It looks by itself later than this test may last.
        let watch = try PostgreSQLWatch(
            PostgreSQLSettings(proxy.address(of: schema), timeout: .seconds(250)), interval: 3_600_000)
        let (calls, caller) = AsyncStream.makeStream(of: Void.self)
        // It says so once when it begins to listen, and only then asks for the duty.
        while true {
            if case .holding(let seen) = phase.withLock({ $0 }), seen.contains("Z") { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        watch.onChange { caller.yield() }
        try schema.probe().run("NOTIFY martlet, '\(schema.name)'")
        var iterator = calls.makeAsyncIterator()
        #expect(await iterator.next() != nil)
        await watch.close()
        try schema.remove()
    }
}
