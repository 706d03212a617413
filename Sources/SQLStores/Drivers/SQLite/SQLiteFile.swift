import Glibc
import Stores

/// The file of a database before SQLite opens it.
enum SQLiteFile {
    /// Creates what is missing: the directory for its owner alone (0700), the file likewise (0600).
    ///
    /// SQLite gives its log and index files the access rights of the database file.
    static func prepare(at path: String) throws(StorageError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw .inaccessible(path: path, reason: "it is no path")
        }
        let directory = directory(of: path)
        if mkdir(directory, 0o700) == 0 {
            synchronize(SQLiteFile.directory(of: directory))
        } else if errno != EEXIST {
            throw StorageError(systemError: errno, path: directory)
        }
        // Not `open`: closing a descriptor would drop the locks that another connection of this process has on the file.
        guard mknod(path, S_IFREG | 0o600, 0) == 0 else {
            guard errno == EEXIST else { throw StorageError(systemError: errno, path: path) }
            return
        }
        synchronize(directory)
    }

    /// Refuses a path where nothing is.
    static func find(at path: String) throws(StorageError) {
        guard access(path, F_OK) != 0, errno == ENOENT else { return }
        throw .inaccessible(
            path: path, reason: "there is no database yet; `martlet migrate` or the first start makes one")
    }

    static func directory(of path: String) -> String {
        let trimmed = path.last == "/" ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// Makes a new entry of the directory durable.
    ///
    /// A file system that cannot do that is not refused for it.
    private static func synchronize(_ directory: String) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
