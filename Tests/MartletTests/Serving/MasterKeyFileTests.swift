import JOSE
import Testing

@testable import Martlet

@Suite("The master key's file")
struct MasterKeyFileTests {
    @Test func aGeneratedKeyStaysTheSameAndIsPrivate() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("master.key")
        let first = try MasterKeyFile.generate(at: path)
        let second = try MasterKeyFile.generate(at: path)
        #expect(first.id == second.id)
        #expect(folder.mode("master.key") == 0o600)
        #expect(try MasterKeyFile.read(path).id == first.id)
        #expect(try MasterKeyFile.generate(at: folder.path("other.key")).id != first.id)
    }

    @Test func oneOfManyStartersMakesTheKey() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("master.key")
        let keys = try await withThrowingTaskGroup(of: MasterKey.ID.self) { tasks in
            for _ in 0..<8 { tasks.addTask { try MasterKeyFile.generate(at: path).id } }
            return try await tasks.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
    }
}
