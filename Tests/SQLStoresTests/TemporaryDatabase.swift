import Foundation
import Stores

@testable import SQLStores

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

/// A fresh SQLite database without its writer's thread.
struct TemporaryConnection {
    let connection: SQLiteConnection
    private let directory = TemporaryDirectory()

    init() throws {
        connection = try SQLiteOpening.open(at: directory.file, role: .server, schema: .migrate).connection
    }

    func end() {
        connection.close()
        directory.remove()
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
