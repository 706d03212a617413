import Glibc

/// A backup while it is written: a file of another name beside the one that it will be, for its owner alone.
///
/// It goes with the value unless it was kept.
struct BackupDraft: ~Copyable {
    /// Where the draft is.
    let path: String
    private let target: String
    private let replacing: Bool
    private let descriptor: Int32

    /// What the draft of a backup is called; nobody else may know the name before.
    static func name(for target: String) -> String {
        "\(target).\(String(UInt64.random(in: 0 ... .max), radix: 36)).part"
    }

    init(for target: String, at path: String, replacing: Bool) throws(BackupError) {
        let descriptor = try BackupDraft.make(for: target, at: path, replacing: replacing)
        self.target = target
        self.path = path
        self.replacing = replacing
        self.descriptor = descriptor
    }

    private static func make(for target: String, at path: String, replacing: Bool) throws(BackupError) -> Int32 {
        var status = stat()
        if lstat(target, &status) == 0 {
            guard replacing else { throw .exists(path: target) }
            guard status.st_mode & S_IFMT == S_IFREG else { throw .inaccessible(path: target, reason: "not a file") }
        }
        let folder = SQLiteFile.directory(of: target)
        guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { throw .noFolder(path: folder) }
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path: target) }
        return descriptor
    }

    deinit {
        close(descriptor)
        // Once it is kept there is nothing of that name any more.
        unlink(path)
    }

    /// Brings to disk what was written, so that the rest does not come all at once and hold up the server's commits.
    borrowing func flush() throws(BackupError) {
        guard fdatasync(descriptor) == 0 else { throw BackupDraft.failure(path: target) }
    }

    /// Gives it its name: whole and durable, or not at all.
    consuming func keep() throws(BackupError) {
        guard fsync(descriptor) == 0 else { throw BackupDraft.failure(path: target) }
        if !replacing, link(path, target) == 0 {
            unlink(path)
        } else {
            let code = errno
            guard replacing || code != EEXIST else { throw .exists(path: target) }
            // A file system without links, where the last look for a file of that name has to do.
            var status = stat()
            guard replacing || lstat(target, &status) != 0 else { throw .exists(path: target) }
            guard rename(path, target) == 0 else { throw BackupDraft.failure(path: target) }
        }
        try BackupDraft.settle(target)
    }

    /// Brings the name of a file to disk.
    static func settle(_ path: String) throws(BackupError) {
        func failure() -> BackupError { .uncertain(path: path, reason: String(cString: strerror(errno))) }
        let folder = open(SQLiteFile.directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure() }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure() }
    }

    private static func failure(path: String) -> BackupError {
        let number = errno
        guard number != ENOSPC, number != EDQUOT else { return full(path) }
        return .inaccessible(path: path, reason: String(cString: strerror(number)))
    }

    static func full(_ path: String, needed: ByteCount? = nil) -> BackupError {
        let folder = SQLiteFile.directory(of: path)
        return .full(folder: folder, needed: needed, free: DiskSpace(of: folder)?.free ?? ByteCount(0))
    }
}
