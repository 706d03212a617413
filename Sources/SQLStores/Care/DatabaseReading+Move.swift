import OAuthTypes
import Stores

extension DatabaseReading {
    /// The mark of a move in its source or its target.
    func mark(_ table: String) throws(StorageError) -> MoveMark? {
        guard try hasTable(table), let row = try rows(MoveMark.query(table)).first else { return nil }
        return try MoveMark(row)
    }

    /// Whether the records are elsewhere: moved away, or not yet all here.
    func isElsewhere() throws(StorageError) -> Bool {
        if try mark(MoveMark.inTarget) != nil { return true }
        return try mark(MoveMark.inSource)?.phase == .moved
    }

    /// Whether a move is under way, and what that means.
    func moveFinding() throws(StorageError) -> Finding {
        if let mark = try mark(MoveMark.inTarget) {
            return .failed(
                "\(mark.since) this database is being filled from \(mark.place), and it is not complete",
                do: "Use that one until `martlet db move --cut-over` has finished.")
        }
        guard let mark = try mark(MoveMark.inSource) else { return .ok("no move is under way") }
        return switch mark.phase {
        case .copying:
            .warning(
                "\(mark.since) the records are on their way to \(mark.place), and every change is noted for it",
                do: "Finish with `martlet db move --to … --cut-over`, or give it up with `martlet db move --abort`.")
        case .frozen:
            .failed(
                "this database takes no writes: its move to \(mark.place), begun \(mark.date), stands in the cut-over",
                do: "If it does not end in a moment, run `martlet db move --to … --cut-over` again, "
                    + "or stay with `martlet db move --abort`.")
        case .moved:
            .failed(
                "this database has moved to \(mark.place); the move began \(mark.date)",
                do: "Set MARTLET_DATABASE to that place, and restart every node.")
        case .abandoned:
            .warning(
                "some of what a move to \(mark.place) made is still there, though it was given up",
                do: "Run `martlet db move --abort` again.")
        }
    }
}

extension MoveMark {
    fileprivate var date: String { begunAt.internetDate }
    fileprivate var since: String { "since \(date)" }
}
