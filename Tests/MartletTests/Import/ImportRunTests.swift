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
        map: String? = nil, into storage: Storage? = nil, rules: ImportRules = ImportRules(),
        lists: [MemberLists.Source] = []
    ) async throws -> ImportCounts {
        try await result(
            path, format, from: start, mode: mode, report: report, hashes: hashes, map: map, into: storage,
            rules: rules, lists: lists
        ).counts
    }

    private func result(
        _ path: String, _ format: ExportFormat = .lines, from start: ImportCounts = ImportCounts(),
        mode: ImportRun.Mode = .take, report: OutputFile.Mode = .replacing, hashes: String? = nil,
        map: String? = nil, into storage: Storage? = nil, rules: ImportRules = ImportRules(),
        lists: [MemberLists.Source] = []
    ) async throws -> ImportRun.Result {
        let console = Console()
        let run = ImportRun(
            file: try FilePieces(path), format: format, rules: rules, hashes: try hashes.map(HashFile.init),
            lists: lists.isEmpty ? nil : try MemberLists(lists, format),
            accounts: AccountImport(
                from: format, into: storage ?? self.storage, masterKey: nil, clock: TestClock()),
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
        #expect(counts.present == 1)
        #expect(try report().isEmpty)
        #expect(try await storage.users.list(after: nil, limit: 9).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folder.path("state")))
        #expect(try await run(path) == counts)
    }

    // A row that is refused stands in nobody's way, and the same row again is somebody who is there.
    @Test func aLookSaysWhatARunDoes() async throws {
        #expect(try await storage.users.insert(.withNothingOptional(id: "u_here", email: "here@x.org")))
        let taken = LinkedIdentity(
            connector: ConnectorID(rawValue: "google"), subject: "g-1", userID: UserID(rawValue: "u_here"), email: nil,
            name: nil, linkedAt: .noon, lastUsedAt: nil)
        #expect(try await storage.links.link(taken) == .linked)
        let path = try folder.file(
            "people",
            """
            {"id":"1","email":"a@x.org","identities":[{"connector":"google","subject":"g-1"}]}
            {"id":"2","email":"a@x.org","identities":[{"connector":"google","subject":"g-2"}]}
            {"id":"2","email":"a@x.org","identities":[{"connector":"google","subject":"g-2"}]}
            {"id":"2","email":"b@x.org"}
            {"id":"3","email":"c@x.org","identities":[{"connector":"google","subject":"g-2"}]}
            {"id":"4","email":"c@x.org"}
            """)
        let look = try await run(path, mode: .look, rules: linking("google"))
        #expect(try report().map { $0["line"]?.integer } == [1, 4, 5])
        #expect(look.made == 2 && look.present == 1 && look.refused == 3)
        #expect(try await run(path, rules: linking("google")) == look)
        #expect(try report().map { $0["line"]?.integer } == [1, 4, 5])
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

    private func linking(_ connectors: String...) -> ImportRules {
        var rules = ImportRules()
        rules.connectors = ConnectorAliases(connectors.map { ConnectorID(rawValue: $0) })
        return rules
    }

    private func line(_ email: String, _ identities: (String, String)...) -> String {
        let list = identities.map { #"{"connector":"\#($0)","subject":"\#($1)"}"# }.joined(separator: ",")
        return #"{"email":"\#(email)","identities":[\#(list)]}"#
    }

    @Test func tellsOfEveryIdentityThatIsNotLinked() async throws {
        let people = [
            line("a@x.org", ("google", "1")), line("b@x.org", ("google", "2"), ("corp", "2"), ("old", "2")),
            line("c@x.org", ("google", "1")), line("d@x.org", ("corp", "4")),
        ]
        let path = try folder.file("people", people.joined(separator: "\n"))
        for mode in [ImportRun.Mode.look, .take] {
            let result = try await result(path, mode: mode, rules: linking("google"))
            #expect(result.counts.made == 3)
            #expect(result.counts.refused == 1)
            #expect(result.counts.linked == 2)
            #expect(result.counts.withoutConnector == 2)
            #expect(result.counts.incomplete == 2)
            #expect(result.unknownProviders == ["corp", "old"])
            let rows = try report().sorted { ($0["line"]?.integer ?? 0) < ($1["line"]?.integer ?? 0) }
            #expect(rows.map { $0["line"]?.integer } == [2, 3, 4])
            #expect(rows[0]["taken"]?.bool == true)
            #expect(rows[0]["no_connector"]?.array == [.string("corp"), .string("old")])
            #expect(rows[0]["not_kept"] == nil)
            #expect(rows[1]["taken"]?.bool == false)
            #expect(rows[1]["reason"]?.string == "identity_taken")
            #expect(rows[1]["detail"]?.string == "google")
        }
        let links = storage.links
        #expect(
            try await links.find(ConnectorID(rawValue: "google"), subject: "2")?.userID.rawValue.hasPrefix("u_") == true
        )
        #expect(try await links.find(ConnectorID(rawValue: "corp"), subject: "2") == nil)
        // With the connector set up since: what is there stays as it is, and the report says so.
        let again = try await result(path, rules: linking("google", "corp"))
        #expect(again.counts.present == 3)
        #expect(again.counts.linked == 0)
        #expect(try report().compactMap { $0["not_linked"]?.array } == [[.string("corp")], [.string("corp")]])
        #expect(try await links.find(ConnectorID(rawValue: "corp"), subject: "2") == nil)
    }

    @Test func aLookSeesTheSameAsTheImport() async throws {
        let people = [
            #"{"id":"1","email":"a@x.org"}"#, #"{"id":"1","email":"b@x.org"}"#, #"{"id":"2","email":"a@x.org"}"#,
            #"{"id":"3","email":"c@x.org"}"#,
        ]
        let path = try folder.file("people", people.joined(separator: "\n"))
        let look = try await run(path, mode: .look)
        let reasons = try report().map { $0["reason"]?.string }
        #expect(try await run(path) == look)
        #expect(try report().map { $0["reason"]?.string } == reasons)
        #expect(Set(reasons) == ["identifier_taken", "address_taken"])
        #expect(look.made == 2)
    }

    @Test func whatWasTakenJustBeforeAnInterruptionIsToldOf() async throws {
        let path = try folder.file(
            "people",
            #"{"email":"a@x.org","profile":{"nickname":"A"},"identities":[{"connector":"corp","subject":"1"}]}"#)
        #expect(try await run(path).incomplete == 1)
        let told = try report()
        // The process was gone before it wrote: the next one finds the account there.
        let resumed = try await run(path, report: .continuing(from: 0))
        #expect(resumed.present == 1)
        #expect(resumed.withoutConnector == 1)
        #expect(try report() == told)
        #expect(told.first?["not_kept"]?.array == [.string("profile")])
        #expect(told.first?["no_connector"]?.array == [.string("corp")])
    }

    @Test func readsListsOfMembers() async throws {
        let users = try folder.file(
            "users",
            #"{"Users":[{"Username":"ada","Attributes":[{"Name":"sub","Value":"1"},{"Name":"email","Value":"a@x.org"}]},"#
                + #"{"Username":"bob","Attributes":[{"Name":"sub","Value":"2"},{"Name":"email","Value":"b@x.org"}]}]}"#)
        let staff = try folder.file(
            "staff", #"{"Users":[{"Username":"ada","Attributes":[]},{"Username":"x","Attributes":[]}]}"#)
        let admins = try folder.file(
            "admins", #"{"Users":[{"Username":"ada","Attributes":[]},{"Username":"bob","Attributes":[]}]}"#)
        let lists = [
            MemberLists.Source(membership: .group("staff"), path: staff),
            MemberLists.Source(membership: .role("admin"), path: admins),
        ]
        #expect(try await run(users, .cognito, lists: lists).made == 2)
        let ada = try #require(try await storage.users.find(Email("a@x.org")!))
        let bob = try #require(try await storage.users.find(Email("b@x.org")!))
        #expect(Set(try await storage.memberships.find(ada.id)) == [.group("staff"), .role("admin")])
        #expect(try await storage.memberships.find(bob.id) == [.role("admin")])
        for damaged in [#"{"Users":[{"Attributes":[]}]}"#, #"{"Groups":[]}"#, #"{"Users":["#] {
            let path = try folder.file("damaged", damaged)
            #expect(throws: CommandFailure.self) {
                try MemberLists([MemberLists.Source(membership: .group("x"), path: path)], .cognito)
            }
        }
    }

    // People choose their user names; a `sub` stands in every token.
    @Test func whoeverIsNamedAsSomebodysSubIsNotThatSomebody() async throws {
        let list = try folder.file(
            "admins", #"{"Users":[{"Username":"ada","Attributes":[{"Name":"sub","Value":"s-ada"}]}]}"#)
        let users = try folder.file(
            "chosen",
            """
            {"Users":[
            {"Username":"ada","Attributes":[{"Name":"sub","Value":"s-ada"},{"Name":"email","Value":"a@x.org"}]},
            {"Username":"s-ada","Attributes":[{"Name":"sub","Value":"s-mallory"},{"Name":"email","Value":"m@x.org"}]}
            ]}
            """)
        let lists = [MemberLists.Source(membership: .role("admin"), path: list)]
        #expect(try await run(users, .cognito, lists: lists).made == 2)
        let ada = try #require(try await storage.users.find(Email("a@x.org")!))
        let mallory = try #require(try await storage.users.find(Email("m@x.org")!))
        #expect(try await storage.memberships.find(ada.id) == [.role("admin")])
        #expect(try await storage.memberships.find(mallory.id).isEmpty)
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
