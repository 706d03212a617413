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
        switch self {
        case .sqlite(let path):
            guard access(path, F_OK) == 0 else { throw DatabaseMove.Refusal.noSource(path) }
            let connection = try SQLiteOpening.open(at: path, role: .tool, schema: .require).connection
            return try ready(connection)
        case .postgreSQL(let settings):
            let session = try PostgreSQLSession(settings)
            do {
                _ = try Schema.current.bringUpToDate(session, .require)
                try session.takeTime()
                return try ready(session)
            } catch {
                session.close()
                throw error
            }
        }
    }

    private func ready<Connection: MoveConnection>(_ connection: Connection) throws -> any MoveConnection {
        let found = try Schema.current.status(of: connection).number
        guard found == Schema.current.number else {
            connection.close()
            throw DatabaseMove.Refusal.otherSchema(found: found, needed: Schema.current.number)
        }
        return connection
    }

    /// The database that is to be filled, made if need be, for this move alone.
    func openTarget() throws -> any MoveConnection {
        do {
            return try claimTarget()
        } catch StorageError.busy {
            throw DatabaseMove.Refusal.targetInUse
        }
    }

    private func claimTarget() throws -> any MoveConnection {
        let connection: any MoveConnection
        switch self {
        case .sqlite(let path):
            connection = try SQLiteOpening.open(at: path, role: .server, schema: .migrate).connection
        case .postgreSQL(let settings):
            let session = try PostgreSQLSession(settings)
            connection = session
            do {
                try session.takeTime()
                _ = try Schema.current.bringUpToDate(session, .migrate)
            } catch {
                session.close()
                throw error
            }
        }
        do {
            try connection.claim()
            return connection
        } catch {
            connection.close()
            throw error
        }
    }
}

extension PostgreSQLSession {
    /// No statement of a move has a caller who waits; a pause between two is no fault either.
    fileprivate func takeTime() throws(StorageError) {
        try run(
            """
            SELECT set_config('statement_timeout', '0', false),
                set_config('idle_in_transaction_session_timeout', '60s', false)
            """
        )
    }
}
