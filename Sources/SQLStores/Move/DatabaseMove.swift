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

    /// What is changed by tests alone.
    struct Limits {
        /// Rows of a transaction of the copy: many, because SQLite writes the whole page of an index that one row changes.
        var page = 10_000
        /// Changes that are read at once, and few enough for writes to wait for them.
        var notes = 1000
        /// How often what has changed is copied, besides what waits at the beginning.
        var rounds = 100
        /// How often it is tried where others hold a table: some 15 seconds.
        var attempts = 50
        /// How often a source that refuses writes is tried to be reached, after a pause of a second each.
        var reconnections = 60
    }

    let source: any MoveConnection
    let target: any MoveConnection
    let ends: (source: Place, target: Place)
    let tables: [MovedTable]
    let limits: Limits
    let progress: (Progress) -> Void

    var places: (source: String, target: String) { (ends.source.description, ends.target.description) }
    var origin: MoveSource { MoveSource(connection: source, tables: tables, attempts: limits.attempts) }

    /// Copies, or goes on with a copy that was begun.
    ///
    /// While writes are refused the signals that end a program are held and undo that first, as long as this is its one
    /// thread. Throws `Refusal` where the databases do not fit or differ at the end, and `StorageError`. Blocks the
    /// calling thread.
    public static func run(
        from source: Place, to target: Place, until goal: Goal, progress: (Progress) -> Void = { _ in }
    ) throws -> Report {
        try run(from: source, to: target, until: goal, limits: Limits(), progress: progress)
    }

    static func run(
        from source: Place, to target: Place, until goal: Goal, limits: Limits, progress: (Progress) -> Void
    ) throws -> Report {
        try withoutActuallyEscaping(progress) { progress in
            let from = try source.openSource()
            defer { from.close() }
            let to = try target.openTarget()
            defer { to.close() }
            do {
                let found = try agree(from, to, (source.description, target.description))
                _ = try Schema.current.bringUpToDate(to, .migrate)
                return try DatabaseMove(from, to, (source, target), limits, progress).run(until: goal, found)
            } catch StorageError.busy {
                throw Refusal.blocked
            }
        }
    }

    /// Makes a source usable as if no move had been begun, and answers where it was to go; nil without a move.
    ///
    /// Throws `Refusal.remains` where it takes writes and others hold what is still to be removed. Blocks the calling
    /// thread.
    public static func abort(from source: Place) throws -> String? { try abort(from: source, limits: Limits()) }

    static func abort(from source: Place, limits: Limits) throws -> String? {
        let connection = try source.reach()
        defer { connection.close() }
        guard let mark = try connection.mark(MoveMark.inSource) else { return nil }
        let tables = try connection.catalogue()
        let origin = MoveSource(connection: connection, tables: tables, attempts: limits.attempts)
        try origin.giveUp(mark)
        do {
            try origin.cleanUp()
        } catch StorageError.busy {
            throw Refusal.remains
        }
        return mark.place
    }

    init(
        _ source: any MoveConnection, _ target: any MoveConnection, _ ends: (source: Place, target: Place),
        _ limits: Limits, _ progress: @escaping (Progress) -> Void
    ) throws {
        self.source = source
        self.target = target
        self.ends = ends
        self.limits = limits
        self.progress = progress
        // The target has the schema of this program and nothing else.
        tables = try target.catalogue()
        let found = try source.catalogue()
        for table in tables where !found.contains(table) { throw Refusal.differentTable(table.name) }
    }
}

@available(*, unavailable)
extension DatabaseMove: Sendable {}
