import Stores

/// The number that every change of a client or a signing key raises.
struct VersionTable<Database: SQLDatabase>: VersionStore {
    let database: TimedDatabase<Database>

    func current() async throws -> Int64 {
        let rows = try await database.read(.readVersion, "SELECT value FROM versions WHERE name = 'configuration'", [])
        guard let row = rows.first else { throw StorageError.damaged(table: "versions", column: "value") }
        var reader = RowReader(row, of: "versions")
        return try reader.integer("value")
    }
}

extension Command {
    /// Raises the version; goes into the write whose change it announces.
    static var raiseVersion: Command {
        Command("UPDATE versions SET value = value + 1 WHERE name = 'configuration'", [])
    }
}
