import Foundation
import JSON
import Testing

@testable import Martlet

@Suite("The command import, by the built program")
struct ImportTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func martlet(_ line: String) async throws -> MartletProcess.Outcome {
        try await MartletProcess.run(
            line.split(separator: " ").map(String.init), in: folder,
            environment: ["MARTLET_DATABASE": "sqlite:" + folder.path("martlet.db")])
    }

    @Test func tellsOfProvidersWithoutAConnector() async throws {
        #expect(try await martlet("migrate").status == 0)
        let path = try folder.file(
            "people",
            #"{"email":"a@x.org","identities":[{"connector":"corp","subject":"1"}]}"# + "\n"
                + #"{"email":"b@x.org","identities":[{"connector":"corp\u001b[2J","subject":"1"}]}"# + "\n")
        let unknown = try await martlet("import \(path) --from jsonl --connector google=corp")
        #expect(unknown.status == 1)
        #expect(unknown.errors.contains("there is no connector google; `martlet connector list` shows all"))
        for line in ["import \(path) --from jsonl --dry-run", "import \(path) --from jsonl"] {
            let done = try await martlet(line)
            #expect(done.status == 0)
            #expect(done.output.contains("2 people sign in at a provider for which there is no connector:"))
            #expect(done.output.contains("  corp: connector CONNECTOR stands for it with --connector CONNECTOR=corp\n"))
            // Nothing of a file reaches the terminal as it is.
            #expect(!done.output.contains("\u{1B}"))
            #expect(done.output.contains("The report: \(path).report.jsonl"))
        }
        let users = try JSONValue(parsing: try await martlet("user list --json").output)
        #expect(users.array?.count == 2)
    }

    @Test func linksAreShownAndTakenAway() async throws {
        _ = try MasterKeyFile.generate(at: folder.path("master.key"))
        let added = try await MartletProcess.run(
            ["connector", "add", "google", "--preset", "google", "--client-id", "1"], in: folder,
            environment: [
                "MARTLET_DATABASE": "sqlite:" + folder.path("martlet.db"),
                "MARTLET_MASTER_KEY_FILE": folder.path("master.key"),
            ], input: "a secret of ours\n")
        #expect(added.status == 0, "\(added.errors)")
        let hash = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
        let path = try folder.file(
            "people",
            #"""
            {"email":"a@x.org","password_hash":"\#(hash)","identities":[{"connector":"google","subject":"1"},{"connector":"google","subject":"2"}]}
            {"email":"b@x.org","identities":[{"connector":"google","subject":"3"}]}
            """#)
        #expect(
            try await martlet("import \(path) --from jsonl").output.contains("3 identities at connectors are linked."))
        let several = try await martlet("user unlink a@x.org --connector google")
        #expect(several.status == 1 && several.errors.contains("name the --subject"))
        #expect(try await martlet("user unlink a@x.org --connector google --subject 3").status == 1)
        #expect(try await martlet("user unlink a@x.org --connector google --subject 2").status == 0)
        let links = try JSONValue(parsing: try await martlet("user links a@x.org --json").output)
        #expect(links.array?.map { $0["subject"]?.string } == ["1"])
        let last = try await martlet("user unlink b@x.org --connector google")
        #expect(last.status == 1 && last.errors.contains("nothing else opens the account"))
        #expect(try await martlet("user links b@x.org").output.contains("google"))
        #expect(try await martlet("audit list").output.contains("identity_unlinked"))
    }

    @Test func saysWhereNobodyIs() async throws {
        #expect(try await martlet("migrate").status == 0)
        let realm = try folder.file("realm", #"{"realm":"old","clients":[]}"#)
        #expect(try await martlet("import \(realm) --from keycloak").output.contains("realm holds no people."))
        let groups = try folder.file("groups", #"{"Groups":[]}"#)
        let refused = try await martlet("import \(groups) --from cognito")
        #expect(refused.status == 65 && refused.errors.contains("there is no list Users"))
        let staff = try folder.file("staff", #"[{"name":"staff"}]"#)
        let wrong = try await martlet("import \(realm) --from keycloak --group staff=\(staff)")
        #expect(wrong.status == 65 && wrong.errors.contains("staff: line 1 names no member"))
    }
}
