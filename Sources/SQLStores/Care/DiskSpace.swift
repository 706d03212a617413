import Glibc

/// What the file system of a folder has left.
struct DiskSpace {
    /// For users other than root, who may take some more.
    let free: ByteCount
    let total: ByteCount
    /// Files and folders that can still be made; nil where the file system does not count them.
    let freeFiles: Int64?

    init?(of folder: String) {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let block = UInt64(status.f_frsize)
        free = ByteCount(Int64(clamping: block.multipliedReportingOverflow(by: UInt64(status.f_bavail)).partialValue))
        total = ByteCount(Int64(clamping: block.multipliedReportingOverflow(by: UInt64(status.f_blocks)).partialValue))
        freeFiles = status.f_files == 0 ? nil : Int64(clamping: status.f_favail)
    }

    /// Whether a database of that size has room to grow.
    func finding(folder: String, database: ByteCount) -> Finding {
        let left = "\(free) of \(total) free in \(folder)"
        if let freeFiles, freeFiles < 100 {
            return .failed(
                "\(left), but only \(freeFiles) files more can be made", do: "Remove what many small files are of.")
        }
        if free < .mebibytes(100) {
            return .failed(left, do: "Free space now: without any, nobody can sign in. No restart is needed then.")
        }
        if free < max(.mebibytes(1024), database) {
            return .warning(
                "\(left), and the database has \(database)",
                do: "Free space soon: the log of writes can take some hundred MiB, a backup as much as the database.")
        }
        return .ok(left)
    }
}
