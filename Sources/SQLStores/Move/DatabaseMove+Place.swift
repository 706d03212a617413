import Glibc
import Stores

extension DatabaseMove.Place: CustomStringConvertible {
    /// The path, or host, port and name; never a password.
    public var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgreSQL(let settings): "postgresql://\(settings.description)"
        }
    }

    /// The database that is there, of the schema of this program.
    func openSource() throws -> any MoveConnection {
        try DatabaseMove.Place.closing(reach()) { connection in
            _ = try Schema.current.bringUpToDate(connection, .require)
            let found = try Schema.current.status(of: connection).number
            guard found == Schema.current.number else {
                throw DatabaseMove.Refusal.otherSchema(found: found, needed: Schema.current.number)
            }
        }
    }

    /// The database that is there, whatever its schema.
    func reach() throws -> any MoveConnection {
        if case .sqlite(let path) = self, access(path, F_OK) != 0 { throw DatabaseMove.Refusal.noSource(path) }
        return try connect(.tool)
    }

    /// The database that is to be filled, for this move alone; it may be empty still, or any other.
    func openTarget() throws -> any MoveConnection {
        do {
            return try DatabaseMove.Place.closing(connect(.server)) { try $0.claim() }
        } catch StorageError.busy {
            throw DatabaseMove.Refusal.targetInUse
        }
    }

    private func connect(_ role: SQLStorage.Role) throws -> any MoveConnection {
        switch self {
        case .sqlite(let path): return try SQLiteOpening.connect(at: path, role: role)
        case .postgreSQL(let settings):
            return try DatabaseMove.Place.closing(PostgreSQLSession(settings)) { try $0.takeTime() }
        }
    }

    /// Closes a connection that does not stand a test.
    private static func closing<Connection: MoveConnection>(
        _ connection: Connection, unless test: (Connection) throws -> Void
    ) throws -> any MoveConnection {
        do {
            try test(connection)
            return connection
        } catch {
            connection.close()
            throw error
        }
    }
}

extension PostgreSQLSession {
    /// No statement of a move has a caller who waits, but nothing is locked for long by others; a pause between two is no
    /// fault either.
    fileprivate func takeTime() throws(StorageError) {
        try run(
            """
            SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', '5s', false),
                set_config('idle_in_transaction_session_timeout', '60s', false)
            """
        )
    }
}
