import Glibc
import Stores

/// The steps that a program knows, and how a database gets them.
struct Schema: Sendable {
    let scripts: [SchemaScript]

    /// What this program needs.
    ///
    /// One more step is one more line here and a text in each dialect; then what the program asks is recorded anew
    /// (`RecordedStatements`).
    static let current = Schema(scripts: [
        SchemaScript(
            1, "clients, people, sessions, codes, grants and signing keys", compatibleFrom: 1,
            sqlite: SQLiteSchema.first, postgreSQL: PostgreSQLSchema.first
        ),
        SchemaScript(
            2, "which programs a step leaves working", compatibleFrom: 1,
            sqlite: SQLiteSchema.second, postgreSQL: PostgreSQLSchema.second
        ),
        SchemaScript(
            3, "attempts to sign in, second factors, uses of sessions", compatibleFrom: 1,
            sqlite: SQLiteSchema.third, postgreSQL: PostgreSQLSchema.third
        ),
        SchemaScript(
            4, "security events, ways back from changes of accounts, passkeys, calls of clients", compatibleFrom: 1,
            sqlite: SQLiteSchema.fourth, postgreSQL: PostgreSQLSchema.fourth
        ),
        SchemaScript(
            5, "metadata of clients, people's languages and profiles, codes by mail, claims asked for by name",
            compatibleFrom: 1,
            sqlite: [
                SQLiteSchema.fifthClients, SQLiteSchema.fifthPeople, SQLiteSchema.fifthProfiles,
                SQLiteSchema.fifthLogout, SQLiteSchema.fifthResources, SQLiteSchema.fifthConnectors,
                SQLiteSchema.fifthProofs,
            ],
            postgreSQL: [
                PostgreSQLSchema.fifthClients, PostgreSQLSchema.fifthPeople, PostgreSQLSchema.fifthProfiles,
                PostgreSQLSchema.fifthLogout, PostgreSQLSchema.fifthResources,
                PostgreSQLSchema.fifthConnectors, PostgreSQLSchema.fifthProofs,
            ]
        ),
        SchemaScript(
            6, "profiles by source, upstream sessions, tokens of people", compatibleFrom: 1,
            sqlite: [
                SQLiteSchema.sixthAccounts, SQLiteSchema.sixthFederation, SQLiteSchema.sixthRemains,
                SQLiteSchema.sixthTokens,
            ],
            postgreSQL: [
                PostgreSQLSchema.sixthAccounts, PostgreSQLSchema.sixthFederation, PostgreSQLSchema.sixthRemains,
                PostgreSQLSchema.sixthTokens,
            ]
        ),
    ])

    /// The number of the last step.
    var number: Int64 { scripts.last?.number ?? 0 }

    func steps(in dialect: SQLDialect) -> [SchemaStep] { scripts.map { $0.step(in: dialect) } }

    /// How a database stands; changes nothing.
    func status<Connection: SchemaConnection>(of connection: Connection) throws(StorageError) -> SchemaStatus {
        try SchemaStatus(found: try found(by: connection), known: steps(in: Connection.dialect))
    }

    /// Applies what a database lacks, all steps or none, and answers them.
    ///
    /// Throws `StorageError.busy` where others hold the database or a table of it for longer than a minute or so.
    func bringUpToDate<Connection: SchemaConnection>(
        _ connection: Connection, _ policy: SQLStorage.SchemaPolicy
    ) throws(StorageError) -> [SchemaStep] {
        let before = try status(of: connection)
        guard let last = before.pending.last else { return [] }
        switch policy {
        case .migrate: break
        case .begin where before.applied.isEmpty: break
        case .begin, .require: throw .schemaOutdated(found: before.number, needed: last.number)
        }
        for _ in 1..<Schema.attempts {
            do throws(StorageError) {
                return try applyPending(to: connection)
            } catch {
                guard error == .busy else { throw error }
                // Whoever waited behind us has their turn.
                sleep(1)
            }
        }
        return try applyPending(to: connection)
    }

    /// How often a database is asked that others keep busy: another opener's steps may take a minute.
    private static let attempts = 12

    private func applyPending<Connection: SchemaConnection>(
        to connection: Connection
    ) throws(StorageError) -> [SchemaStep] {
        try connection.beginAlone()
        do throws(StorageError) {
            // Another opener may have been faster.
            let pending = try status(of: connection).pending
            if !pending.isEmpty { try connection.execute(script: Connection.dialect.foundation) }
            for script in scripts where pending.contains(where: { $0.number == script.number }) {
                try apply(script, to: connection)
            }
            try connection.commit()
            return pending
        } catch {
            connection.rollBack()
            throw error
        }
    }

    /// Runs a step within the open transaction and puts it on the list.
    func apply<Connection: SchemaConnection>(
        _ script: SchemaScript, to connection: Connection
    ) throws(StorageError) {
        for text in script.texts(in: Connection.dialect) where text.utf8CodeUnitCount > 0 {
            try connection.execute(script: text)
        }
        let step = script.step(in: Connection.dialect)
        var values: [SQLValue] = [
            .integer(step.number), .text(step.name), .integer(step.checksum), .integer(Schema.now()),
        ]
        if step.number < Schema.firstWithCompatibility {
            _ = try connection.ask(Statements.insertOld, values)
        } else {
            values.append(.integer(step.compatibleFrom))
            _ = try connection.ask(Statements.insert, values)
        }
    }

    private func found(by connection: some SchemaConnection) throws(StorageError) -> [SchemaStep] {
        guard try connection.hasListOfSteps() else { return [] }
        var rows = try connection.ask(Statements.listOld, [])
        let numbers = rows.map { Array($0).first }
        if numbers.contains(.integer(Schema.firstWithCompatibility)) {
            rows = try connection.ask(Statements.list, [])
        }
        var steps: [SchemaStep] = []
        for row in rows {
            var reader = RowReader(row, of: "schema_migrations")
            let number = try reader.integer("number")
            let name = try reader.text("name")
            let checksum = try reader.integer("checksum")
            steps.append(
                SchemaStep(
                    number: number, name: name, compatibleFrom: try reader.integer("compatible_from"),
                    checksum: checksum
                )
            )
        }
        return steps
    }

    /// Microseconds since the epoch, for records that people read: nothing decides by it.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// The step that brings the column `compatible_from`; what comes before it works with the first schema.
    private static let firstWithCompatibility: Int64 = 2

    /// What is asked of the list of steps, the same in every dialect.
    enum Statements {
        static let listOld: StaticString = """
            SELECT number, name, checksum, 1 FROM schema_migrations ORDER BY number
            """
        static let list: StaticString = """
            SELECT number, name, checksum, compatible_from FROM schema_migrations ORDER BY number
            """
        static let insertOld: StaticString = """
            INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)
            """
        static let insert: StaticString = """
            INSERT INTO schema_migrations (number, name, checksum, applied_at, compatible_from)
            VALUES ($1, $2, $3, $4, $5)
            """
    }
}

extension SQLDialect {
    /// What is there before the first step: whose database it is, and the list of steps.
    var foundation: StaticString {
        switch self {
        case .sqlite: SQLiteSchema.foundation
        case .postgreSQL: PostgreSQLSchema.foundation
        }
    }
}
