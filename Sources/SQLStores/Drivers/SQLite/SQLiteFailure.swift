import CSQLite
import Glibc
import Stores

extension StorageError {
    /// What a result code means for whoever runs the server.
    init(code: Int32, of connection: OpaquePointer, path: String) {
        // The library forgets it when a commit fails; the system's own number is still there.
        let last = errno
        let words = String(cString: sqlite3_errmsg(connection))
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
        case SQLITE_FULL: self = .full(path: path)
        case SQLITE_READONLY, SQLITE_PERM: self = .readOnly(path: path)
        case SQLITE_CORRUPT, SQLITE_NOTADB: self = .corrupt(path: path)
        case SQLITE_CONSTRAINT where code == martlet_sqlite_unique || code == martlet_sqlite_primary_key:
            self = .conflict(table: StorageError.table(inWords: words))
        case SQLITE_IOERR where sqlite3_system_errno(connection) == 0:
            switch last {
            case ENOSPC, EDQUOT: self = .full(path: path)
            case EROFS, EACCES, EPERM: self = .readOnly(path: path)
            default: self = .failed("\(words) on \(path)")
            }
        case SQLITE_CANTOPEN, SQLITE_IOERR:
            self = StorageError(systemError: sqlite3_system_errno(connection), path: path, words: words)
        default: self = .failed(words)
        }
    }

    /// What an error number of the operating system means.
    init(systemError number: Int32, path: String, words: String = "") {
        switch number {
        case ENOSPC, EDQUOT: self = .full(path: path)
        case EROFS, EACCES, EPERM: self = .readOnly(path: path)
        case 0: self = .inaccessible(path: path, reason: words)
        default: self = .inaccessible(path: path, reason: String(cString: strerror(number)))
        }
    }

    /// The table in "UNIQUE constraint failed: codes.digest".
    private static func table(inWords words: String) -> String {
        guard let colon = words.firstIndex(of: ":") else { return words }
        return String(words[words.index(after: colon)...].drop { $0 == " " }.prefix { $0 != "." })
    }
}
