import Foundation
import Identity
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Martlet

@Suite("An import of people")
struct ImportRunTests {
    private let folder: TemporaryFolder
    private let storage = Storage.inMemory()

    init() throws { folder = try TemporaryFolder() }

    private func run(
        _ path: String, _ format: ExportFormat = .lines, from start: ImportCounts = ImportCounts(),
        mode: ImportRun.Mode = .take, report: OutputFile.Mode = .replacing, hashes: String? = nil,
        map: String? = nil, into storage: Storage? = nil
    ) async throws -> ImportCounts {
        let console = Console()
        let run = ImportRun(
            file: try FilePieces(path), format: format, rules: ImportRules(), hashes: try hashes.map(HashFile.init),
            accounts: AccountImport(
                from: format, into: (storage ?? self.storage).users, masterKey: nil, clock: TestClock()),
            mode: mode, report: try OutputFile(folder.path("report"), report),
            map: try map.map { try OutputFile($0, .replacing) },
            statePath: { if case .take = mode { folder.path("state") } else { nil } }())
        return try await run.run(from: start, ImportProgress(console, before: start.rows))
    }

    private func report() throws -> [JSONObject] {
        try String(contentsOfFile: folder.path("report"), encoding: .utf8).split(separator: "\n")
            .map { try JSONObject(parsing: Array($0.utf8)) }
    }

    @Test func tellsOfEveryRowThatIsNotTaken() async throws {
        #expect(try await storage.users.insert(.withNothingOptional(id: "u_here", email: "here@x.org")))
        let path = try folder.file(
            "people",
            """
            {"email":"a@x.org","groups":["staff"],"profile":{"nickname":"A"}}
            no json

            {"email":"here@x.org"}
            {"email":"b@x.org","password_hash":"$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"}
            {"email":"a@x.org","name":"twice"}
            {"name":"nobody"}
            """)
        let map = folder.path("map")
        let counts = try await run(path, map: map)
        #expect(counts.rows == 6)
        #expect(counts.made == 2)
        #expect(counts.present == 1)
        #expect(counts.refused == 3)
        #expect(counts.withoutPassword == 1)
        #expect(counts.incomplete == 1)
        let rows = try report()
        #expect(rows.compactMap { $0["line"]?.integer }.sorted() == [1, 2, 4, 7])
        #expect(rows.first { $0["line"]?.integer == 4 }?["reason"]?.string == "address_taken")
        #expect(rows.first { $0["line"]?.integer == 2 }?["reason"]?.string == "malformed_json")
        #expect(rows.first { $0["line"]?.integer == 7 }?["reason"]?.string == "no_email")
        #expect(rows.first { $0["line"]?.integer == 1 }?["not_kept"]?.array == [.string("profile")])
        let made = try #require(try await storage.users.find(Email("a@x.org")!))
        #expect(try await storage.memberships.find(made.id) == [.group("staff")])
        let mapped = try String(contentsOfFile: map, encoding: .utf8).split(separator: "\n")
        #expect(mapped.count == 3)
        #expect(mapped.allSatisfy { $0.contains("\"sub\":\"u_") })
        #expect(folder.mode("report") == 0o600)
    }

    @Test func goesOnWhereItWasInterrupted() async throws {
        // Damaged behind so many that some batches were finished.
        let people = (0..<700).map { #"{"email":"p\#($0)@x.org"}"# }
        let path = try folder.file("people", "[" + people.joined(separator: ",\n") + ",\n{\"email\":")
        await #expect(throws: ExportRows.Damage.self) { try await run(path, .auth0) }
        let state = try #require(try ImportState.read(folder.path("state")))
        #expect(state.counts.rows == 512)
        #expect(state.counts.made == 512)
        #expect(state.format == .auth0)
        #expect(state.size == Int64(try Data(contentsOf: URL(fileURLWithPath: path)).count))
        #expect(try await storage.users.list(after: nil, limit: 1000).count == 512)
        // What came into the report behind the state is not there twice.
        let whole = try folder.file("people", "[" + people.joined(separator: ",\n") + ",\n{}]")
        let counts = try await run(
            whole, .auth0, from: state.counts, report: .continuing(from: state.reportLength))
        #expect(counts.rows == 701)
        #expect(counts.made == 700)
        #expect(counts.refused == 1)
        #expect(try report().count == 1)
        // And from the beginning nothing is made twice.
        let again = try await run(whole, .auth0)
        #expect(again.made == 0)
        #expect(again.present == 700)
    }

    @Test func onlyLooksWhereItIsAskedTo() async throws {
        let path = try folder.file(
            "people", "{\"email\":\"a@x.org\"}\n{\"email\":\"A@x.org\"}\n{\"email\":\"b@x.org\"}\n")
        let counts = try await run(path, mode: .look)
        #expect(counts.made == 2)
        #expect(counts.refused == 1)
        #expect(try report().map { $0["reason"]?.string } == ["address_taken"])
        #expect(try await storage.users.list(after: nil, limit: 9).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folder.path("state")))
        #expect(try await run(path).made == 2)
    }

    @Test func joinsUsersWithTheirHashes() async throws {
        let bcrypt = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
        let users = try folder.file(
            "users",
            "{\"user_id\":\"auth0|1\",\"email\":\"a@x.org\"}\n{\"user_id\":\"auth0|2\",\"email\":\"b@x.org\"}\n")
        let hashes = try folder.file(
            "hashes",
            """
            {"_id":{"$oid":"3"},"email":"c@x.org","passwordHash":"\(bcrypt)"}
            {"_id":{"$oid":"1"},"email":"a@x.org","passwordHash":"\(bcrypt)"}
            """)
        let counts = try await run(users, .auth0, hashes: hashes)
        #expect(counts.made == 2)
        #expect(counts.withoutPassword == 1)
        #expect(try await storage.users.find(Email("a@x.org")!)?.passwordHash == bcrypt)
        #expect(try await storage.users.find(Email("b@x.org")!)?.passwordHash == nil)
        // Nobody's hash is in the report.
        #expect(try report().map { $0["line_of_hashes"]?.integer } == [1])
    }

    @Test func statesOfOtherFilesAreNotTaken() throws {
        let path = folder.path("odd")
        #expect(try ImportState.read(path) == nil)
        try folder.file("odd", "{\"rows\":1}")
        #expect(throws: CommandFailure.self) { try ImportState.read(path) }
        var counts = ImportCounts()
        counts.rows = 7
        try ImportState(format: .cognito, size: 1, modified: 2, counts: counts, reportLength: 3).write(path)
        let state = try #require(try ImportState.read(path))
        #expect(state.counts == counts)
        #expect(state.reportLength == 3)
        try folder.file("report", "x")
        #expect(throws: CommandFailure.self) { try OutputFile(folder.path("report"), .continuing(from: 3)) }
        #expect(throws: CommandFailure.self) { try OutputFile(folder.path("report"), .new) }
    }

    @Test func showsABar() {
        var counts = ImportCounts()
        counts.rows = 12_345
        counts.refused = 3
        #expect(
            ImportProgress.text(counts, part: 0.25, rate: 8123)
                == "[#####...............] 25 %, 12,345 rows, 8,120/s, 3 not taken")
        #expect(ImportProgress.text(ImportCounts(), part: 7, rate: 0).hasPrefix("[####################] 100 %"))
    }
}
