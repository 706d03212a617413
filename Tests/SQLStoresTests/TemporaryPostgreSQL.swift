import Foundation
import Reactor
import Stores
import Testing

@testable import SQLStores

/// The PostgreSQL server that the tests may make schemas in: a libpq address in `MARTLET_TEST_POSTGRESQL`.
///
/// `deploy/test.sh` starts one and names it; without it the tests say that they are skipped.
enum TestServer {
    static let address = ProcessInfo.processInfo.environment["MARTLET_TEST_POSTGRESQL"] ?? ""
}

extension Trait where Self == ConditionTrait {
    /// Skips where there is no PostgreSQL server.
    static var postgreSQL: Self {
        .enabled(
            if: !TestServer.address.isEmpty, "MARTLET_TEST_POSTGRESQL names no server; sh deploy/test.sh starts one")
    }
}

/// A schema of its own for one test, removed with everything in it.
struct TemporarySchema: Sendable {
    let name = "t_" + UUID().uuidString.replacing("-", with: "").lowercased()
    /// The address of a connection that finds this schema first.
    var address: String {
        let join = TestServer.address.contains("?") ? "&" : "?"
        return TestServer.address + join + "options=-csearch_path%3D" + name + "&application_name=" + name
    }

    init() throws {
        try PostgreSQLProbe(TestServer.address).run("CREATE SCHEMA \(name)")
    }

    func settings(connections: Int = 4, timeout: Duration = .seconds(20)) throws -> PostgreSQLSettings {
        try PostgreSQLSettings(address, connections: connections, timeout: timeout)
    }

    /// A connection beside the storage, for looking and for getting in the way.
    func probe() throws -> PostgreSQLProbe { try PostgreSQLProbe(address) }

    func remove() throws {
        try PostgreSQLProbe(TestServer.address).run("DROP SCHEMA \(name) CASCADE")
    }
}

/// One connection of a test, used by one task at a time; ends with its last reference.
final class PostgreSQLProbe: Sendable {
    private let session: PostgreSQLSession
    private let turn = NSLock()

    init(_ address: String) throws {
        session = try PostgreSQLSession(PostgreSQLSettings(address))
    }

    deinit { session.close() }

    @discardableResult
    func run(_ text: String) throws -> [Row] { try turn.withLock { try session.run(text) } }

    /// The first column of the first row.
    func number(_ text: String) throws -> Int64? {
        guard case .integer(let number)? = try run(text).first?.first(where: { _ in true }) else { return nil }
        return number
    }
}

/// Runs a test on a fresh schema, reached from `loops` event loops.
func withPostgreSQL<Result: Sendable>(
    role: SQLStorage.Role = .tool, loops: Int = 2, _ body: (SQLStorage, TemporarySchema) async throws -> Result
) async throws -> Result {
    let schema = try TemporarySchema()
    let group = try EventLoopGroup(count: loops)
    let storage = try await SQLStorage.openPostgreSQL(try schema.settings(), on: group, role: role)
    do {
        let result = try await body(storage, schema)
        await storage.close()
        await group.stop()
        try schema.remove()
        return result
    } catch {
        await storage.close()
        await group.stop()
        try? schema.remove()
        throw error
    }
}
