/// Why there is no backup; what was begun of it is gone but for `uncertain`, and the database is as it was.
public enum BackupError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is a file of that name, and it is not to be replaced.
    case exists(path: String)
    /// The name is that of the database itself or of its log.
    case isTheDatabase(path: String)
    /// There is no such folder.
    case noFolder(path: String)
    /// The file cannot be written; `reason` is the operating system's sentence.
    case inaccessible(path: String, reason: String)
    /// Not enough space; `needed` is nil where it ran out on the way.
    case full(folder: String, needed: ByteCount?, free: ByteCount)
    /// The backup has its name, and its folder could not be brought to disk; `reason` is the operating system's sentence.
    case uncertain(path: String, reason: String)
    /// The records are in another database; the sentence says where.
    case elsewhere(Finding)
    /// The copy is damaged: most likely the database is, or the disk that the copy is on.
    case damaged([String])
    /// A table of the copy has another number of rows than the database had.
    case incomplete(table: String)

    /// What happened and what to do.
    public var description: String {
        switch self {
        case .exists(let path): "\(path) exists already. Choose another name, or replace it with --force."
        case .isTheDatabase(let path): "\(path) belongs to the database itself. Choose another name."
        case .noFolder(let path): "there is no folder \(path). Make it, or choose another one."
        case .inaccessible(let path, let reason):
            "\(path) cannot be written: \(reason). Choose another place, or give this user the right to write there."
        case .full(let folder, let needed?, let free):
            "\(folder) has \(free) free, and the backup needs \(needed). Free space there, or choose another place."
        case .full(let folder, nil, let free):
            "no space was left in \(folder), where \(free) are free now. Free space there, or choose another place."
        case .uncertain(let path, let reason):
            "\(path) was written, and may be gone after a power failure: its folder cannot be brought to disk: \(reason). "
                + "Look at that disk, or choose another place."
        case .elsewhere(let finding): "\(finding.found). \(finding.remedy ?? "")"
        case .damaged(let complaints):
            "the copy is damaged, so it was not kept: \(complaints.first ?? "unknown"). "
                + "Look at the database with `martlet doctor --deep`, and at the disk."
        case .incomplete(let table):
            "table \(table) of the copy has not the rows of the database, so it was not kept. Look at the disks."
        }
    }
}
