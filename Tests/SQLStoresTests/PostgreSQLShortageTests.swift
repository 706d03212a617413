import MartletTesting
import Reactor
import Stores
import Testing

@testable import SQLStores

@Suite("PostgreSQL: a server that gives out fewer connections than the loops want", .postgreSQL)
struct PostgreSQLShortageTests {
    private static let loops = 3

    /// A write, one with a condition and a read: all that a request may ask for.
    private static func serve(_ database: PostgreSQLDatabase, _ id: Int64) async throws {
        _ = try await database.write([
            Command("INSERT INTO things (id, value) VALUES ($1, 0)", [.integer(id)])
        ])
        let raised = try await database.write(
            [
                Command("UPDATE things SET value = value + 1 WHERE id = $1", [.integer(id)]),
                Command("SELECT 1 WHERE true", []),
            ],
            then: [Command("UPDATE things SET value = value + 1 WHERE id = $1", [.integer(id)])]
        )
        #expect(raised.count == 1)
        let rows = try await database.read("SELECT value FROM things WHERE id = $1", [.integer(id)])
        #expect(rows == [Row([.integer(2)])])
    }

    @Test(arguments: [1, 2, 3, 5])
    func everyLoopServes(limit: Int) async throws {
        let schema = try TemporarySchema()
        let probe = try schema.probe()
        let role = schema.name + "_r"
        try probe.run("CREATE TABLE things (id bigint PRIMARY KEY, value bigint NOT NULL)")
        try probe.run("CREATE ROLE \(role) LOGIN CONNECTION LIMIT \(limit)")
        try probe.run("GRANT USAGE ON SCHEMA \(schema.name) TO \(role)")
        try probe.run("GRANT ALL ON ALL TABLES IN SCHEMA \(schema.name) TO \(role)")
        let group = try EventLoopGroup(count: PostgreSQLShortageTests.loops)
        let settings = try PostgreSQLSettings(
            schema.address + "&user=\(role)", connections: 4 * PostgreSQLShortageTests.loops, timeout: .seconds(60))
        let database = await PostgreSQLDatabase(settings, on: group)
        let number = Counter()
        // One loop comes first; it takes as many as it can get.
        for loops in [group.loops.prefix(1), group.loops[...]] {
            try await withThrowingTaskGroup { tasks in
                for loop in loops {
                    for _ in 0..<8 {
                        tasks.addTask(executorPreference: loop) {
                            #expect(EventLoop.current === loop)
                            for _ in 0..<10 {
                                try await PostgreSQLShortageTests.serve(database, Int64(number.next()))
                            }
                        }
                    }
                }
                try await tasks.waitForAll()
            }
        }
        #expect(try probe.number("SELECT count(*) FROM things") == Int64(80 * (1 + PostgreSQLShortageTests.loops)))
        await database.close()
        await group.stop()
        try probe.run("DROP OWNED BY \(role)")
        try schema.remove()
        try probe.run("DROP ROLE \(role)")
    }
}
