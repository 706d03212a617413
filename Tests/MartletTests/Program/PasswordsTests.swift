import Foundation
import JSON
import Testing

@testable import Martlet

@Suite("Commands about passwords, by the built program")
struct PasswordsTests {
    private static let files = ReadmeTests.root.appending(path: "deploy/passwords").path

    private func martlet(
        _ words: [String], in folder: TemporaryFolder, input: String = "", _ settings: [String: String] = [:]
    ) async throws -> MartletProcess.Outcome {
        let environment = ["MARTLET_PASSWORD_FILES": PasswordsTests.files].merging(settings) { _, own in own }
        return try await MartletProcess.run(["passwords"] + words, in: folder, environment: environment, input: input)
    }

    @Test func aFilterIsBuiltShownAndUsed() async throws {
        let folder = try TemporaryFolder()
        let list = try folder.file("list", "walnut harbour quilt\nshort\n5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:3\n")
        let built = try await martlet(["build-filter", list, "--json"], in: folder)
        #expect(built.status == 0, "\(built.errors)")
        let facts = try JSONValue(parsing: built.output.trimmingCharacters(in: .newlines))
        #expect(facts["passwords"]?.integer == 2 && facts["too_short"]?.integer == 1)
        let filter = list + ".filter"
        #expect(facts["file"]?.string == filter)
        let shown = try await martlet(["show-filter", filter], in: folder)
        #expect(shown.status == 0 && shown.output.contains("2 passwords") && shown.output.contains("It is whole."))
        for (text, status) in [("walnut harbour quilt", 1), ("walnut harbour quilts", 0)] {
            let checked = try await martlet(
                ["check", "--json"], in: folder, input: text + "\n", ["MARTLET_PASSWORD_FILTER": filter])
            #expect(checked.status == Int32(status))
            let verdict = try JSONValue(parsing: checked.output.trimmingCharacters(in: .newlines))
            #expect(verdict["refusal"]?.string == (status == 1 ? "breached" : nil))
            #expect(!checked.output.contains("walnut") && !checked.errors.contains("walnut"))
        }
        // Read from standard input, the name is needed.
        #expect(try await martlet(["build-filter", "-"], in: folder).status == 64)
        let piped = try await martlet(
            ["build-filter", "-", "--output", filter], in: folder, input: "another of these\n")
        #expect(piped.status == 0 && piped.output.contains("1 password in"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.root).filter { $0.hasSuffix(".new") }.isEmpty)
    }

    @Test func whatCannotBeUsedIsRefusedWithTheReason() async throws {
        let folder = try TemporaryFolder()
        let empty = try folder.file("empty", "short\n")
        #expect(try await martlet(["build-filter", empty], in: folder).status == 65)
        let nowhere = try await martlet(["build-filter", folder.path("none")], in: folder)
        #expect(nowhere.status == 1 && nowhere.errors.contains("No such file"))
        let unwritable = try await martlet(
            ["build-filter", try folder.file("list", "long enough\n"), "--output", folder.path("no/where")], in: folder)
        #expect(unwritable.status == 1 && unwritable.errors.contains("cannot be written"))
        for command in [["show-filter", empty], ["check"]] {
            let outcome = try await martlet(
                command, in: folder, input: "walnut harbour quilt\n", ["MARTLET_PASSWORD_FILTER": empty])
            #expect(outcome.status == 78 && outcome.errors.contains("no filter of passwords"), "\(outcome.errors)")
        }
        let fine = try await martlet(
            ["check"], in: folder, input: "walnut harbour quilt\n", ["MARTLET_PASSWORD_FILTER": "none"])
        #expect(fine.status == 0 && fine.output.contains("It may be chosen."))
    }

    @Test func thePersonAndTheSecondFactorCount() async throws {
        let folder = try TemporaryFolder()
        let own = ["check", "--name", "Mara Lindqvist", "--email", "quilt@kvadrat.example"]
        #expect(try await martlet(own, in: folder, input: "MaraLindqvistkvadrat\n").status == 1)
        #expect(try await martlet(["check"], in: folder, input: "MaraLindqvistkvadrat\n").status == 0)
        #expect(try await martlet(["check"], in: folder, input: "vT7#qpXz9!\n").status == 1)
        #expect(try await martlet(["check", "--second-factor"], in: folder, input: "vT7#qpXz9!\n").status == 0)
    }
}
