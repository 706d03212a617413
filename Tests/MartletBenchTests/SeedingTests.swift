import JOSE
import Testing

@testable import MartletBench

@Suite("Seeding a database")
struct SeedingTests {
    @Test(
        "A walk meets every number of its range once before it comes back", arguments: [1, 2, 3, 10, 618, 1000, 4096])
    func walksOverEverything(count: Int) {
        let walk = Walk(7..<7 + count)
        #expect(Set((0..<count).map { walk[$0].number }) == Set(7..<7 + count))
        #expect((0..<count).allSatisfy { walk[$0].round == 0 })
        #expect(walk[count] == (walk[0].number, 1))
    }

    @Test("Each value of a table's rows has its column, and each table its rows")
    func rowsAreWhole() {
        var plan = SeedPlan(people: 20, families: 100)
        plan.expired = 10
        for table in SeedTable.allCases {
            var sink = Collected()
            for number in 0..<plan.rows(of: table) {
                plan.write(number, of: table, passwordHash: "$", to: &sink)
                sink.endRow()
            }
            #expect(sink.rows.allSatisfy { $0.count == table.columns.count }, "\(table)")
            // The key comes first; that of a consent is all but its time.
            let keys = sink.rows.map { table == .consents ? $0.dropLast().joined(separator: " ") : $0[0] }
            #expect(Set(keys).count == plan.rows(of: table), "\(table)")
        }
    }

    @Test("As many grants, sessions and codes have expired as the plan says")
    func someHaveExpired() {
        var plan = SeedPlan(people: 20, families: 100)
        plan.expired = 10
        var expired = 0
        for table in [SeedTable.grants, .sessions, .codes] {
            var sink = Collected()
            for number in 0..<plan.rows(of: table) {
                plan.write(number, of: table, passwordHash: "$", to: &sink)
                sink.endRow()
            }
            let column = table.columns.firstIndex(of: "expires_at") ?? 0
            expired += sink.rows.count { (Int64($0[column]) ?? 0) <= plan.now }
        }
        #expect(expired == 10)
    }

    @Test("A token is as long as the requests leave room for, and another one for each family and generation")
    func tokens() throws {
        let key = try #require(MasterKey(Secret((0..<32).map { UInt8($0) })))
        let tokens = SeededTokens(key)
        let made = [tokens.token(0, generation: 0), tokens.token(0, generation: 1), tokens.token(1, generation: 0)]
        #expect(made.allSatisfy { $0.utf8.count == SeededTokens.length })
        #expect(Set(made).count == 3)
    }

    @Test("A statement is recognised by its shape, whatever its constants are called")
    func statements() {
        let statement = PgBench.Request.Statement(text: "UPDATE t SET a = a + 1 WHERE b=$1", values: ["f(:n)"])
        #expect(statement.isSame(as: "UPDATE t\n  SET a = a + $2 WHERE b = $1"))
        #expect(!statement.isSame(as: "UPDATE t SET a = a + $2 WHERE c = $1"))
        #expect(statement.filled == "UPDATE t SET a = a + 1 WHERE b=f(:n)")
    }

    @Test("The seed command reads its options, with shares of the families where nothing is said")
    func options() throws {
        let command = try SeedCommand(["--database", "sqlite:a.db", "--families", "1000", "--expired", "7"])
        #expect(command.location == .sqlite("a.db"))
        #expect(command.plan.families == 1000)
        #expect(command.plan.codes == 10)
        #expect(command.plan.expired == 7)
    }

    @Test(
        "What the seed command cannot do is refused",
        arguments: [
            [], ["--database", "mysql:x"], ["--database", "sqlite:a", "--users", "0"],
            ["--database", "sqlite:a", "--tokens", "5"],
        ])
    func refuses(_ arguments: [String]) throws {
        #expect(throws: BenchFailure.self) { try SeedCommand(arguments) }
        #expect(try SeedCommand(["--database", "postgresql://h/d"]).location == .postgresql("postgresql://h/d"))
    }

    @Test(
        "A place in PostgreSQL comes back as it was said",
        arguments: ["postgresql://h/d", "postgres://h/d", "postgresql:service=x", "sqlite:/a b"])
    func locations(_ text: String) throws {
        #expect(try DatabaseLocation(text).setting == text)
    }

    /// Keeps what it is given, as text.
    private struct Collected: SeedSink {
        var rows: [[String]] = []
        private var row: [String] = []

        mutating func begin(_ table: SeedTable) {}
        mutating func integer(_ value: Int64) { row.append("\(value)") }
        mutating func text(_ value: String) { row.append(value) }
        mutating func bytes(_ value: [UInt8]) { row.append(Base64URL.encode(value)) }
        mutating func null() { row.append("") }
        mutating func endRow() {
            rows.append(row)
            row = []
        }
        mutating func end() {}
        mutating func commit() {}
    }
}
