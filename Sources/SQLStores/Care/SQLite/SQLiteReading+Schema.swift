import Stores

extension SQLiteReading {
    /// How the schema stands against what this program needs.
    func schemaStatus() throws(StorageError) -> SchemaStatus {
        let known = SQLiteSchema.scripts.map(\.step)
        guard try hasTable("schema_migrations") else { return try SchemaStatus(found: [], known: known) }
        var found: [SchemaStep] = []
        for row in try rows("SELECT number, name, checksum FROM schema_migrations ORDER BY number") {
            var reader = RowReader(row, of: "schema_migrations")
            found.append(
                SchemaStep(
                    number: try reader.integer("number"), name: try reader.text("name"),
                    checksum: try reader.integer("checksum")
                )
            )
        }
        return try SchemaStatus(found: found, known: known)
    }

    /// The number of the last step, whether this program knows it or not; 0 without any.
    func schemaNumber() throws(StorageError) -> Int64 {
        guard try hasTable("schema_migrations") else { return 0 }
        let last = try number("SELECT max(number) FROM schema_migrations")
        return last ?? 0
    }
}

extension SchemaStatus {
    /// What it means to whoever runs the server.
    var finding: Finding {
        guard let last = pending.last else { return .ok("up to date, at step \(applied.last?.number ?? 0)") }
        let list = pending.map { "\($0.number) (\($0.name))" }.joined(separator: ", ")
        guard !applied.isEmpty else {
            return .warning("it has no tables yet", do: "The first start makes them, and so does `martlet migrate`.")
        }
        return .warning(
            "step \(applied.last?.number ?? 0), and this program needs \(last.number); pending: \(list)",
            do: "The next start of this program applies them; `martlet migrate` does so now."
        )
    }
}
