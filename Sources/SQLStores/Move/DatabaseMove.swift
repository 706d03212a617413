import Stores

/// Copies every record from one database into another, of the same or the other kind, while a server uses the first.
///
/// The rows are copied in the order of their keys while triggers in the source note what changes, then the changes follow
/// until few are left; the cut-over refuses writes, copies the last ones and compares. Marks at both ends let it go on
/// after an interruption at any moment. Sealed keys stay sealed, so the new place needs the same master key.
public struct DatabaseMove {
    /// A database.
    public enum Place: Sendable {
        /// The path of a SQLite file.
        case sqlite(path: String)
        /// A PostgreSQL database.
        case postgreSQL(PostgreSQLSettings)
    }

    /// How a move ends.
    public enum Goal: Sendable {
        /// The source stays in use; the move can be gone on with.
        case copy
        /// The target takes over.
        case cutOver
    }

    /// What a move did.
    public struct Report: Sendable, Equatable {
        /// The tables with the rows that the target has, in alphabetical order.
        public internal(set) var tables: [Table] = []
        /// Changes that came in during the copy and were copied too.
        public internal(set) var changes = 0
        /// How long writes were refused until all was compared; nil without a cut-over.
        public internal(set) var refused: Duration?
        /// Whether the target has taken over.
        public internal(set) var isMoved = false
    }

    /// A table after a move.
    public struct Table: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// The rows in the target.
        public let rows: Int64
    }

    /// What a move is doing, for whoever watches.
    public enum Progress: Sendable, Equatable {
        /// So many rows of a table are copied, of about so many.
        case copying(table: String, rows: Int64, of: Int64)
        /// So many changes have followed.
        case catchingUp(changes: Int)
        /// So many rows of a table are compared.
        case comparing(table: String, rows: Int64)
        /// Writes are refused from here on.
        case refusingWrites
    }

    let source: any MoveConnection
    let target: any MoveConnection
    let places: (source: String, target: String)
    let tables: [MovedTable]
    /// Rows of a transaction of the copy: many, because SQLite writes the whole page of an index that one row changes.
    let pageSize: Int
    let progress: (Progress) -> Void

    /// Copies, or goes on with a copy that was begun.
    ///
    /// Throws `Refusal` where the databases do not fit or differ at the end, and `StorageError`. Blocks the calling thread.
    public static func run(
        from source: Place, to target: Place, until goal: Goal, progress: (Progress) -> Void = { _ in }
    ) throws -> Report {
        try run(from: source, to: target, until: goal, pageSize: 10_000, progress: progress)
    }

    static func run(
        from source: Place, to target: Place, until goal: Goal, pageSize: Int, progress: (Progress) -> Void
    ) throws -> Report {
        try withoutActuallyEscaping(progress) { progress in
            let from = try source.openSource()
            defer { from.close() }
            let to = try target.openTarget()
            defer { to.close() }
            return try DatabaseMove(from, to, (source.description, target.description), pageSize, progress).run(
                until: goal)
        }
    }

    /// Makes a source usable as if no move had been begun, and answers where it was to go; nil without a move.
    ///
    /// Blocks the calling thread.
    public static func abort(from source: Place) throws -> String? {
        let connection = try source.openSource()
        defer { connection.close() }
        guard let mark = try connection.mark(MoveMark.inSource) else { return nil }
        try MoveSource(connection: connection, tables: try connection.catalogue()).giveUp()
        return mark.place
    }

    init(
        _ source: any MoveConnection, _ target: any MoveConnection, _ places: (source: String, target: String),
        _ pageSize: Int, _ progress: @escaping (Progress) -> Void
    ) throws {
        self.source = source
        self.target = target
        self.places = places
        self.pageSize = pageSize
        self.progress = progress
        // The target has the schema of this program and nothing else.
        tables = try target.catalogue()
        let found = try source.catalogue()
        for table in tables where !found.contains(table) { throw Refusal.differentTable(table.name) }
    }
}

@available(*, unavailable)
extension DatabaseMove: Sendable {}
