import Foundation
import JSON
import MartletTesting
import Testing

@testable import Martlet
@testable import SQLStores

@Suite("The command migrate, by the built program")
struct MigrateTests {
    private let newest = Schema.current.number

    private func migrate(_ options: String = "", in folder: TemporaryFolder) async throws -> MartletProcess.Outcome {
        try await MartletProcess.run(
            ["migrate"] + options.split(separator: " ").map(String.init), in: folder,
            environment: ["MARTLET_DATABASE": "sqlite:" + folder.path("martlet.db")]
        )
    }

    private func json(_ outcome: MartletProcess.Outcome) throws -> JSONValue {
        try JSONValue(parsing: outcome.output.trimmingCharacters(in: .newlines))
    }

    /// Makes a database of the first schema.
    private func makeOld(in folder: TemporaryFolder) throws {
        let first = Schema(scripts: [Schema.current.scripts[0]])
        try SQLiteOpening.open(at: folder.path("martlet.db"), role: .server, schema: .migrate, steps: first)
            .connection.close()
    }

    private func numbers(_ list: JSONValue?) -> [Int64] {
        list?.array?.compactMap { $0["number"]?.integer } ?? []
    }

    @Test func itSaysWhatItApplied() async throws {
        let folder = try TemporaryFolder()
        let first = try await migrate("--json", in: folder)
        #expect(first.status == 0)
        #expect(try numbers(json(first)["applied"]) == Array(1...newest))
        #expect(try json(await migrate("--json", in: folder))["applied"]?.array?.isEmpty == true)
        #expect(try await migrate(in: folder).output == "The database is up to date.\n")
    }

    @Test func processesAtOnceApplyEachStepOnce() async throws {
        let folder = try TemporaryFolder()
        try makeOld(in: folder)
        let outcomes = try await concurrently(6) { try await migrate("--json", in: folder) }
        #expect(outcomes.allSatisfy { $0.status == 0 })
        let applied = try outcomes.map { try numbers(json($0)["applied"]) }
        #expect(applied.filter { !$0.isEmpty } == [Array(2...newest)])
    }

    @Test func aDryRunTellsAndDoesNothing() async throws {
        let folder = try TemporaryFolder()
        let before = try await migrate("--dry-run", in: folder)
        #expect(before.status == 2 && before.output.contains("Would apply 1: "))
        #expect(!FileManager.default.fileExists(atPath: folder.path("martlet.db")))
        try makeOld(in: folder)
        let old = try Data(contentsOf: URL(fileURLWithPath: folder.path("martlet.db")))
        let pending = try await migrate("--dry-run --json", in: folder)
        #expect(pending.status == 2)
        #expect(try numbers(json(pending)["pending"]) == Array(2...newest))
        #expect(try json(pending)["schema"]?.integer == 1)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("martlet.db"))) == old)
        #expect(try await migrate(in: folder).status == 0)
        let after = try await migrate("--dry-run", in: folder)
        #expect(after.status == 0 && after.output.contains("nothing to do"))
    }

    @Test func aRehearsalTellsAndDoesNothing() async throws {
        let folder = try TemporaryFolder()
        // There is nothing to copy.
        #expect(try await migrate("--rehearse", in: folder).status == 69)
        try makeOld(in: folder)
        let people = try await migrate("--rehearse --sample 5", in: folder)
        #expect(people.status == 0, "\(people.errors)")
        for words in ["at most", "TABLE", "grants", "ON ALL ROWS", "nobody else writes", "nodes can be replaced"] {
            #expect(people.output.contains(words), "\(words)")
        }
        let programs = try json(await migrate("--rehearse --json", in: folder))
        #expect(numbers(programs["steps"]) == Array(2...newest))
        #expect(programs["fine"]?.bool == true && programs["compatible"]?.bool == true)
        #expect(programs["broken"]?.array?.isEmpty == true)
        #expect(programs["steps"]?[0]?["locks"]?[0]?["mode"]?.string == "writer lock")
        #expect(try await migrate("--dry-run", in: folder).status == 2)
        #expect(try await migrate(in: folder).status == 0)
        let nothing = try await migrate("--rehearse", in: folder)
        #expect(nothing.status == 0 && nothing.output.contains("nothing to rehearse"))
        #expect(!FileManager.default.fileExists(atPath: folder.path("martlet.db-rehearsal")))
    }

    @Test func whatBreaksIsSaid() {
        let step = SchemaStep(number: 2, name: "two", compatibleFrom: 2, checksum: 0)
        func rehearsal(_ change: (inout Rehearsal) -> Void) -> String {
            var rehearsal = Rehearsal(status: .ofNoDatabase)
            if let first = Schema.current.steps(in: .sqlite).first,
                let status = try? SchemaStatus(found: [first], known: [first, step])
            {
                rehearsal = Rehearsal(status: status)
            }
            change(&rehearsal)
            return RehearsalReport(rehearsal, sample: 10).text
        }
        #expect(rehearsal { _ in }.contains("Step 2 leaves programs of schema 1 behind"))
        let failed = rehearsal {
            $0.steps = [
                .init(step: step, duration: .milliseconds(3), estimate: .seconds(90), locks: [], failure: "no \u{7}")
            ]
        }
        #expect(failed.contains("Step 2 fails: no \\u{7}") && failed.contains("3 ms") && failed.contains("90.0 s"))
        let broken = rehearsal { $0.broken = [.init(schema: 1, text: "SELECT a\nFROM b", reason: "no b")] }
        #expect(broken.contains("could no longer ask this (no b):\n  SELECT a\n  FROM b"))
    }

    @Test(arguments: [
        (Duration.microseconds(340), "340 µs"), (.milliseconds(12), "12 ms"), (.milliseconds(3440), "3.4 s"),
        (.seconds(1500), "25 min"), (.zero, "0 µs"),
    ])
    func durationsAreShort(duration: Duration, text: String) {
        #expect(duration.short == text)
    }
}
