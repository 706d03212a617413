import OAuthTypes
import Stores

/// What a move writes into both ends, so that it can go on after an interruption and nobody uses the wrong one.
struct MoveMark: Sendable, Equatable {
    /// How far the source is.
    enum Phase: String, Sendable {
        /// It is in use; every change is noted.
        case copying
        /// Every write is refused.
        case frozen
        /// The target has taken over.
        case moved
        /// It is in use; the move was given up, and some of what it made is still to be removed.
        case abandoned
    }

    /// Everything that a move makes begins with this.
    static let prefix = "martlet_move_"

    /// The same at both ends.
    let id: String
    /// The other end, without any password.
    let place: String
    /// When the move began.
    let begunAt: Timestamp
    let phase: Phase

    static let inSource = prefix + "source"
    static let inTarget = prefix + "target"
    /// In the target: the tables that are copied.
    static let copied = prefix + "copied"

    init(id: String, place: String, begunAt: Timestamp, phase: Phase = .copying) {
        self.id = id
        self.place = place
        self.begunAt = begunAt
        self.phase = phase
    }

    /// The mark of a move that begins, with an identifier that no other has.
    init(of place: String) {
        let id = String(UInt64.random(in: .min ... .max), radix: 36)
        self.init(id: id, place: place, begunAt: Timestamp(microseconds: Schema.now()))
    }

    static func query(_ table: String) -> String { "SELECT id, place, begun_at, phase FROM \(table)" }

    init(_ row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "martlet_move_source")
        id = try reader.text("id")
        place = try reader.text("place")
        begunAt = Timestamp(microseconds: try reader.integer("begun_at"))
        phase = try reader.word("phase")
    }

    func at(_ phase: Phase) -> MoveMark { MoveMark(id: id, place: place, begunAt: begunAt, phase: phase) }
}

extension MoveConnection {
    /// The mark of a source, or of a target.
    func mark(_ table: String) throws(StorageError) -> MoveMark? {
        guard try hasTable(table), let row = try query(MoveMark.query(table)).first else { return nil }
        return try MoveMark(row)
    }

    /// Within an open transaction.
    func write(_ mark: MoveMark, _ table: String) throws(StorageError) {
        try query(
            """
            CREATE TABLE IF NOT EXISTS \(table)
            (id text NOT NULL, place text NOT NULL, begun_at bigint NOT NULL, phase text NOT NULL)
            """
        )
        try query("DELETE FROM \(table)")
        try query(
            "INSERT INTO \(table) (id, place, begun_at, phase) VALUES ($1, $2, $3, $4)",
            [.text(mark.id), .text(mark.place), .integer(mark.begunAt.microseconds), .text(mark.phase.rawValue)]
        )
    }

    /// Refuses a database that was moved away or is not yet filled.
    func requireHome() throws(StorageError) {
        if let mark = try mark(MoveMark.inTarget) {
            throw .moved(
                """
                This database is being filled from \(mark.place) and is not complete. \
                Use that one until `martlet db move --cut-over` has finished.
                """
            )
        }
        guard let mark = try mark(MoveMark.inSource) else { return }
        switch mark.phase {
        case .copying, .abandoned: return
        case .frozen:
            throw .moved(
                """
                This database takes no writes: its move to \(mark.place) was interrupted in the cut-over. \
                Run `martlet db move --to … --cut-over` again to finish it, or `martlet db move --abort` to stay here.
                """
            )
        case .moved:
            throw .moved(
                """
                The records were moved to \(mark.place). Set MARTLET_DATABASE to that place. \
                (`martlet db move --abort` makes this database usable again, without what was written there since.)
                """
            )
        }
    }
}
