import Foundation
import Stores
import Testing

@testable import SQLStores

/// Runs a test on a fresh database that has these steps.
func withDatabase<Result>(
    of steps: Schema, in dialect: SQLDialect, _ body: (any RehearsalConnection) throws -> Result
) throws -> Result {
    switch dialect {
    case .sqlite:
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let (connection, _) = try SQLiteOpening.open(
            at: directory.file, role: .tool, schema: .migrate, steps: steps
        )
        defer { connection.close() }
        return try body(connection)
    case .postgreSQL:
        let schema = try TemporarySchema()
        defer { try? schema.remove() }
        let session = try PostgreSQLSession(schema.settings())
        defer { session.close() }
        _ = try steps.bringUpToDate(session, .migrate)
        return try body(session)
    }
}
