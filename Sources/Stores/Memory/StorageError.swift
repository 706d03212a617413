/// Why a store could not do its work; its description tells an operator what to do.
///
/// Absence and lost races are ordinary answers of the protocols: only breakage is thrown.
public enum StorageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// More work is waiting than the database can take, or another process holds it: try again in a moment.
    case busy
    /// The database cannot be reached, or did not answer in time; `reason` is for the operator. Nothing was changed.
    case unavailable(reason: String)
    /// The connection broke after a write was sent and before its answer: it may have happened or not.
    case outcomeUnknown
    /// The storage was closed.
    case closed
    /// A record of this table with the same identifier exists already; nothing was changed.
    case conflict(table: String)
    /// A stored value cannot be what this program wrote.
    case damaged(table: String, column: String)
    /// No space is left where the file at `path` grows.
    case full(path: String)
    /// The file at `path`, or its directory, cannot be written.
    case readOnly(path: String)
    /// The path cannot be opened; `reason` is the operating system's sentence.
    case inaccessible(path: String, reason: String)
    /// The file at `path` is no SQLite database or its structure is broken.
    case corrupt(path: String)
    /// The file at `path` is a database of another program.
    case foreign(path: String)
    /// The schema has step `found`, and this program knows steps up to `known` only.
    case schemaFromTheFuture(found: Int64, known: Int64)
    /// The schema is at step `found` and this program needs `needed`.
    case schemaOutdated(found: Int64, needed: Int64)
    /// Step `number` of the schema was applied from another text than this program has.
    case schemaChanged(number: Int64)
    /// The records are kept, or will be, in another database; the sentences say where and what to do.
    case moved(String)
    /// Anything else the database reported, in its own words.
    case failed(String)

    /// One or two sentences: what happened and what to do.
    public var description: String {
        switch self {
        case .busy: "The database has more work waiting than it can take. Try again in a moment."
        case .unavailable(let reason):
            "The database does not answer: \(reason). Check that it runs and that MARTLET_DATABASE names it; no restart is needed."
        case .outcomeUnknown:
            "The connection to the database broke before it had confirmed a change. Look whether it was made before you repeat it."
        case .closed: "The storage is closed, because the program is ending. Try again when it runs."
        case .conflict(let table):
            "Table \(table) has a record of that identifier already, and nothing was changed. Try again, with another identifier where you chose it."
        case .damaged(let table, let column):
            "Table \(table) holds a value in column \(column) that this program never wrote. Restore a backup or correct it."
        case .full(let path): "No space is left to write \(path). Free space on that disk; no restart is needed."
        case .readOnly(let path):
            "\(path) cannot be written. Give the server's user write access to the file and its directory."
        case .inaccessible(let path, let reason):
            "\(path) cannot be opened: \(reason). Check MARTLET_DATABASE and the access rights of that path."
        case .corrupt(let path): "\(path) is not an intact SQLite database. Move it away and restore a backup."
        case .foreign(let path):
            "\(path) is a database of another program. Point MARTLET_DATABASE to a file of its own."
        case .schemaFromTheFuture(let found, let known):
            "The database has schema \(found), and this program knows up to \(known). Run the newer program."
        case .schemaOutdated(let found, let needed):
            "The database has schema \(found), and this program needs \(needed). Run `martlet migrate`."
        case .schemaChanged(let number):
            "Schema step \(number) of the database came from another program text. Run the program that made it."
        case .moved(let sentences): sentences
        case .failed(let words):
            "The database reported: \(words). `martlet doctor` looks for the reason; the database's own log may tell more."
        }
    }
}
