import Foundation
import SQLStores
import Stores

/// A directory of its own for one test, removed with everything in it.
struct TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/martlet-" + UUID().uuidString
    }

    /// The database file in it.
    var file: String { path + "/martlet.db" }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Runs a test on a fresh SQLite database.
func withSQLite<Result>(
    role: SQLStorage.Role = .server, _ body: (SQLStorage, TemporaryDirectory) async throws -> Result
) async throws -> Result {
    let directory = TemporaryDirectory()
    defer { directory.remove() }
    let storage = try SQLStorage.openSQLite(at: directory.file, role: role)
    do {
        let result = try await body(storage, directory)
        await storage.close()
        return result
    } catch {
        await storage.close()
        throw error
    }
}
