extension DatabaseMove {
    /// Why a move does not begin, go on or end.
    public enum Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        /// There is no database to move from.
        case noSource(String)
        /// The source does not have the schema of this program.
        case otherSchema(found: Int64, needed: Int64)
        /// A table of the source is not as this program makes it.
        case differentTable(String)
        /// Somebody else uses the target, such as another move.
        case targetInUse
        /// The target has rows already.
        case occupied(table: String)
        /// The target was begun by another move.
        case foreignTarget(from: String)
        /// The source is on its way to another place.
        case otherTarget(String)
        /// One of the two is the other end of another move.
        case entangled
        /// The cut-over has begun and waits for its end.
        case frozen
        /// The source holds remains of a move that was given up.
        case remains
        /// The records were moved to this place before, and it is empty.
        case emptied(String)
        /// Somebody keeps a table locked.
        case blocked
        /// The changes come faster than they can be copied.
        case outrun
        /// A signal came while writes were refused; they are taken again.
        case interrupted
        /// A value that the target cannot hold.
        case unfit(table: String, key: String, column: String)
        /// The two ends differ: the first differences, in words.
        case different([String])
        /// The cut-over failed, and the source could not be told to take writes again; the reason, in words.
        case stillFrozen(String)

        /// One or two sentences: what is wrong and what to do.
        public var description: String {
            switch self {
            case .stillFrozen(let reason):
                "The cut-over failed, and the old database cannot be reached: \(reason) Writes may still be refused: "
                    + "run it again with --cut-over, or give it up with `martlet db move --abort`."
            case .noSource(let path): "There is no database at \(path) to move. Check MARTLET_DATABASE."
            case .otherSchema(let found, let needed):
                "The database has schema \(found), and this program moves \(needed) only. "
                    + (found < needed ? "Run `martlet migrate` first." : "Use the newer program.")
            case .differentTable(let table):
                "Table \(table) is not as this program makes it, so not all of it would be moved. Compare its columns."
            case .targetInUse: "Another program uses the target, perhaps another move. Try again when it has ended."
            case .occupied(let table):
                "The target has rows in table \(table) already. Name an empty database."
            case .foreignTarget(let place):
                "The target holds a part of another move, from \(place). Empty it or name another one."
            case .otherTarget(let place):
                "The database is on its way to \(place). `martlet db move --abort` gives that up."
            case .entangled: "One of the two databases is part of another move, or both are the same."
            case .frozen:
                "The cut-over has begun and writes are refused. "
                    + "Finish it with --cut-over, or stay with `martlet db move --abort`."
            case .remains:
                "The database takes writes, but some of what a move made in it could not be removed. "
                    + "Run `martlet db move --abort` again; a dump or a long transaction may be in the way."
            case .emptied(let place):
                "The records were moved to \(place), and now that is empty. Look whether it is the right one; "
                    + "`martlet db move --abort` makes this database usable again, without what was written there."
            case .blocked:
                "Another session keeps a table of one of the two databases locked: a long transaction, a vacuum, a dump. "
                    + "Writes are taken as before. Run it again when that has ended."
            case .outrun:
                "The changes come in faster than they can be copied. Nothing is lost; run it again when less is going on."
            case .interrupted:
                "The cut-over was interrupted; writes are taken again. Nothing is lost; run it again to finish."
            case .unfit(let table, let key, let column):
                "Table \(table), key \(key): the target cannot hold the value of column \(column). "
                    + "Correct that row and run the command again."
            case .different(let differences):
                "The target differs, and the old database goes on: \(differences.joined(separator: "; ")). "
                    + "Give this move up with `martlet db move --abort`, empty the target and begin anew."
            }
        }
    }
}
