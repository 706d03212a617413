import Foundation
import JSON
import Testing

@testable import Martlet

@Suite("The command db move, by the built program")
struct MoveTests {
    private func martlet(_ line: String, in folder: TemporaryFolder) async throws -> MartletProcess.Outcome {
        try await MartletProcess.run(
            line.split(separator: " ").map(String.init), in: folder,
            environment: ["MARTLET_DATABASE": "sqlite:" + folder.path("martlet.db")]
        )
    }

    private func json(_ outcome: MartletProcess.Outcome) throws -> JSONValue {
        try JSONValue(parsing: outcome.output.trimmingCharacters(in: .newlines))
    }

    @Test func theOldDatabaseIsRefusedUntilTheMoveIsGivenUp() async throws {
        let folder = try TemporaryFolder()
        let target = "sqlite:" + folder.path("new.db")
        #expect(try await martlet("db move --to \(target)", in: folder).status == 1, "there is nothing to move yet")
        #expect(try await martlet("migrate", in: folder).status == 0)
        let copied = try await martlet("db move --to \(target) --json", in: folder)
        #expect(copied.status == 0)
        #expect(try json(copied)["phase"]?.string == "copied")
        #expect(try await martlet("user list", in: folder).status == 0)
        let moved = try await martlet("db move --to \(target) --cut-over", in: folder)
        #expect(moved.status == 0)
        #expect(moved.output.contains("Set MARTLET_DATABASE to what --to says (\(target))"))
        let refused = try await martlet("user list", in: folder)
        #expect(refused.status == 69)
        #expect(refused.errors.contains("The records were moved to \(target)"))
        let aborted = try await martlet("db move --abort --json", in: folder)
        #expect(try json(aborted)["aborted"]?.string == target)
        #expect(try await martlet("user list", in: folder).status == 0)
    }

    @Test func aPasswordIsNoArgument() async throws {
        let folder = try TemporaryFolder()
        #expect(try await martlet("migrate", in: folder).status == 0)
        for target in ["postgresql://m:hunter2@127.0.0.1:1/x", "postgresql:host=127.0.0.1 password=hunter2"] {
            let refused = try await MartletProcess.run(
                ["db", "move", "--to", target], in: folder,
                environment: ["MARTLET_DATABASE": "sqlite:" + folder.path("martlet.db")])
            #expect(refused.status == 64 && refused.errors.contains("~/.pgpass"))
            #expect(!refused.errors.contains("hunter2"))
        }
        #expect(try await martlet("db move --to postgresql://m@127.0.0.1:1/x", in: folder).status == 69)
    }
}
