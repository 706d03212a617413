import Reactor
import SQLStores
import Stores

/// The database, and how much of it to use.
struct DatabaseConfiguration: Sendable {
    let location: DatabaseLocation
    private let connections: Int
    private let timeout: Duration

    init(_ reader: inout SettingsReader) {
        location = reader.database() ?? .standard
        connections = reader.number(.databaseConnections) ?? PostgreSQLSettings.standardConnections
        timeout = reader.number(.databaseTimeout).map { .seconds($0) } ?? PostgreSQLSettings.standardTimeout
    }

    /// How a PostgreSQL database is reached, by a command with fewer connections than by the server.
    func settings(_ connectionString: String, role: SQLStorage.Role) throws(StorageError) -> PostgreSQLSettings {
        let count =
            switch role {
            case .server: connections
            case .tool: 1
            }
        return try PostgreSQLSettings(connectionString, connections: count, timeout: timeout)
    }

    /// Opens the database, with what `schema` says of one that lacks steps; `observer` is told what each call takes.
    func open(
        on group: EventLoopGroup, role: SQLStorage.Role, schema: SQLStorage.SchemaPolicy,
        observer: StoreObserver? = nil
    ) async throws -> SQLStorage {
        switch location {
        case .sqlite(let path):
            try SQLStorage.openSQLite(at: path, role: role, schema: schema, observer: observer)
        case .postgreSQL(let connectionString):
            try await SQLStorage.openPostgreSQL(
                try settings(connectionString, role: role), on: group, role: role, schema: schema, observer: observer)
        }
    }

    /// A database of either kind, as what works on whole tables reaches it.
    func place(_ location: DatabaseLocation) throws -> DatabaseMove.Place {
        switch location {
        case .sqlite(let path): .sqlite(path: path)
        case .postgreSQL(let connectionString): .postgreSQL(try settings(connectionString, role: .tool))
        }
    }
}
