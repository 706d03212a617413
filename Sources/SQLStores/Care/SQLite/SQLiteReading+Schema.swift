import Stores

extension SQLiteReading {
    /// How the schema stands against what this program needs.
    func schemaStatus() throws(StorageError) -> SchemaStatus {
        let known = Schema.current.steps(in: .sqlite)
        guard try hasTable("schema_migrations") else { return try SchemaStatus(found: [], known: known) }
        let columns = try texts("SELECT name FROM pragma_table_info('schema_migrations')")
        // Steps from before there was such a column work with the first schema.
        let compatible = columns.contains("compatible_from") ? "compatible_from" : "1"
        var found: [SchemaStep] = []
        for row in try rows("SELECT number, name, checksum, \(compatible) FROM schema_migrations ORDER BY number") {
            var reader = RowReader(row, of: "schema_migrations")
            let number = try reader.integer("number")
            let name = try reader.text("name")
            let checksum = try reader.integer("checksum")
            found.append(
                SchemaStep(
                    number: number, name: name, compatibleFrom: try reader.integer("compatible_from"),
                    checksum: checksum
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
