import Foundation
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import SQLStores

/// Programs of other times: the steps that they know.
extension Schema {
    static func until(_ number: Int64) -> Schema {
        Schema(scripts: current.scripts.filter { $0.number <= number })
    }

    /// One step more than this program has.
    static func later(compatibleFrom: Int64, _ text: StaticString = "CREATE TABLE later (a INTEGER)") -> Schema {
        Schema(
            scripts: current.scripts + [
                SchemaScript(
                    current.number + 1, "later", compatibleFrom: compatibleFrom, sqlite: text, postgreSQL: text
                )
            ]
        )
    }
}

@Suite("Schema: steps forward")
struct SchemaTests {
    private let directory = TemporaryDirectory()
    private var newest: Int64 { Schema.current.number }

    @discardableResult
    private func open(_ steps: Schema = .current) throws -> [SchemaStep] {
        let (connection, applied) = try SQLiteOpening.open(
            at: directory.file, role: .tool, schema: .migrate, steps: steps
        )
        connection.close()
        return applied
    }

    /// Everything that the catalogue says of a database.
    private func shape(of path: String) throws -> [String] {
        try RawSQLite(path).column(
            "SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_master ORDER BY 1")
    }

    @Test func stepsAreNumberedAndEachLeavesTheProgramBeforeItWorking() {
        #expect(Schema.current.scripts.map(\.number) == Array(1...newest))
        for script in Schema.current.scripts.dropFirst() {
            #expect(script.compatibleFrom < script.number, "nodes could not be replaced one by one")
        }
    }

    // A step that databases have must not change: give the schema another one instead.
    @Test func releasedStepsAreAsTheyWere() {
        #expect(
            Schema.current.steps(in: .sqlite).prefix(5).map(\.checksum) == [
                7_027_385_340_572_740_061, -5_743_168_549_552_403_483, -4_601_713_386_532_695_447,
                4_386_291_624_647_300_568, 355_539_285_543_431_500,
            ]
        )
    }

    @Test func everyOlderDatabaseIsBroughtToTheNewestAtOnce() throws {
        let fresh = TemporaryDirectory()
        defer { fresh.remove() }
        try SQLiteOpening.open(at: fresh.file, role: .tool, schema: .migrate).connection.close()
        for older in 0..<newest {
            defer { directory.remove() }
            try open(.until(older))
            #expect(try SQLiteOpening.status(at: directory.file).number == older)
            #expect(try open().map(\.number) == Array(older + 1...newest))
            #expect(try open() == [])
            #expect(try SQLiteOpening.status(at: directory.file).applied == Schema.current.steps(in: .sqlite))
            #expect(try shape(of: directory.file) == shape(of: fresh.file))
        }
    }

    /// As the programs of the first steps wrote it; later ones have a column more.
    private static let clientOfTheFirstStep = """
        INSERT INTO clients (id, name, authentication_methods, redirect_uris, post_logout_redirect_uris, grant_types,
            scopes, party, created_at)
        VALUES ('app', 'App', 'none', '', '', 'authorization_code', '', 'first', 1748779200123457)
        """

    private static let personOfTheFirstStep = """
        INSERT INTO users (id, email, is_email_verified, name, created_at, updated_at)
        VALUES ('u_1', 'ada@example.org', 1, 'Ada', 1748779200123457, 1748779200123457)
        """

    @Test func recordsOutliveTheSteps() async throws {
        for older in 1..<newest {
            defer { directory.remove() }
            let (connection, _) = try SQLiteOpening.open(
                at: directory.file, role: .server, schema: .migrate, steps: .until(older)
            )
            let database = try SQLiteDatabase(writing: connection)
            let before = Storage(database: TimedDatabase(database))
            try RawSQLite(directory.file).execute(SchemaTests.clientOfTheFirstStep)
            try RawSQLite(directory.file).execute(SchemaTests.personOfTheFirstStep)
            // The older program goes on while the newer one starts.
            let storage = try SQLStorage.openSQLite(at: directory.file, role: .tool)
            #expect(storage.applied.map(\.number) == Array(older + 1...newest))
            #expect(try await storage.stores.clients.list() == [.withNothingOptional()])
            let person = try await storage.stores.users.find(UserID(rawValue: "u_1"))
            #expect(person?.name == "Ada" && person?.language == nil && person?.mailCodes == .off)
            #expect(try await before.clients.remove(Client.withNothingOptional().id))
            #expect(try await storage.stores.clients.list() == [])
            await storage.close()
            await database.close()
        }
    }

    @Test func openersAtOnceUpgradeOnce() async throws {
        defer { directory.remove() }
        try open(.until(1))
        let applied = try await concurrently(8) { try open() }
        #expect(applied.count { !$0.isEmpty } == 1)
        #expect(try SQLiteOpening.status(at: directory.file).pending == [])
    }

    /// A connection that another opener overtakes between its look and its lock.
    private struct Overtaken: SchemaConnection {
        static let dialect = SQLDialect.sqlite
        let base: SQLiteConnection
        let faster: () throws(StorageError) -> Void

        func ask(_ statement: StaticString, _ parameters: [SQLValue]) throws(StorageError) -> [Row] {
            try base.run(statement, parameters)
        }
        func execute(script: StaticString) throws(StorageError) { try base.execute(script: script) }
        func hasListOfSteps() throws(StorageError) -> Bool { try base.hasListOfSteps() }
        func beginAlone() throws(StorageError) {
            try faster()
            try base.beginAlone()
        }
        func commit() throws(StorageError) { try base.commit() }
        func rollBack() { base.rollBack() }
    }

    @Test func whatAnotherOpenerDidInTheMeantimeIsNotDoneAgain() throws {
        defer { directory.remove() }
        try open(.until(1))
        let base = try SQLiteConnection(path: directory.file, purpose: .write)
        defer { base.close() }
        let overtaken = Overtaken(base: base) { () throws(StorageError) in
            try SQLiteOpening.open(at: directory.file, role: .tool, schema: .migrate).connection.close()
        }
        #expect(try Schema.current.bringUpToDate(overtaken, .migrate) == [])
        let alone = Overtaken(base: base) {}
        let later = Schema.later(compatibleFrom: 1)
        #expect(try later.bringUpToDate(alone, .migrate).map(\.number) == [newest + 1])
    }

    @Test func aStepThatFailsLeavesEverythingAsItWas() throws {
        defer { directory.remove() }
        try open(.until(1))
        let before = try shape(of: directory.file)
        let broken = Schema.later(compatibleFrom: 1, "CREATE TABLE half (a INTEGER); INSERT INTO none VALUES (1);")
        #expect(throws: StorageError.self) { try open(broken) }
        #expect(try SQLiteOpening.status(at: directory.file).number == 1)
        #expect(try shape(of: directory.file) == before)
        #expect(try open().map(\.number) == Array(2...newest))
    }

    @Test func anOlderProgramWorksWithANewerSchemaThatSaysSo() async throws {
        defer { directory.remove() }
        try open(.later(compatibleFrom: newest))
        #expect(try open() == [])
        let status = try SQLStorage.schemaStatus(ofSQLiteAt: directory.file)
        #expect(status.number == newest + 1)
        #expect(status.pending == [])
        let storage = try SQLStorage.openSQLite(at: directory.file, role: .server, schema: .require)
        #expect(try await storage.stores.clients.insert(.withEveryFieldSet()))
        await storage.close()
    }

    @Test func anOlderProgramIsRefusedByANewerSchemaThatLeftItBehind() throws {
        defer { directory.remove() }
        try open(.later(compatibleFrom: newest + 1))
        #expect(throws: StorageError.schemaFromTheFuture(found: newest + 1, known: newest)) { try open() }
        // One step that this program cannot live with is enough, whatever comes after it.
        try RawSQLite(directory.file).execute(
            "INSERT INTO schema_migrations VALUES (\(newest + 2), 'harmless', 1, 1, 1)")
        #expect(throws: StorageError.schemaFromTheFuture(found: newest + 2, known: newest)) { try open() }
        try RawSQLite(directory.file).execute("DELETE FROM schema_migrations WHERE number = \(newest + 1)")
        try open()
    }

    @Test func aStepThatIsMissingBelowOthersIsNotPutIn() throws {
        defer { directory.remove() }
        try open()
        let raw = try RawSQLite(directory.file)
        try raw.execute("CREATE TABLE kept AS SELECT * FROM schema_migrations WHERE number = 1")
        try raw.execute("DELETE FROM schema_migrations WHERE number = 1")
        #expect(throws: StorageError.schemaChanged(number: 1)) { try open() }
        try raw.execute("INSERT INTO schema_migrations SELECT * FROM kept")
        try open()
    }
}
