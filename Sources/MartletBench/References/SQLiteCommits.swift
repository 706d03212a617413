import Glibc

/// How many transactions a SQLite database in WAL mode has committed, as its own index of the log counts them.
///
/// The file beside the database (`-shm`) holds the number of changes in its bytes 8 to 11 (SQLite's WAL format, section
/// 2.1). With `synchronous = FULL` each commit is one `fdatasync` of the log; what checkpoints wait for comes on top: three
/// for each, of the log, the database and the new log's head.
struct SQLiteCommits {
    private let index: String

    /// Of the database at a path, while a server has it open.
    init(of path: String) { index = path + "-shm" }

    /// The count so far: it grows by one with each commit and comes round after four thousand millions.
    func count() throws -> UInt32 {
        let file = open(index, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw BenchFailure.call(index) }
        defer { close(file) }
        var value: UInt32 = 0
        guard pread(file, &value, 4, 8) == 4 else { throw BenchFailure("\(index) is no index of a log") }
        return value
    }
}

/// Commits and answers of several stretches of load.
struct CommitCount {
    private let counter: SQLiteCommits
    private var commits: UInt32 = 0
    private var answers = 0

    init(_ server: TestedServer) { counter = SQLiteCommits(of: server.installation.databasePath) }

    /// Counts along with a load.
    mutating func counting(_ load: () throws -> LoadResult) throws -> LoadResult {
        let before = try counter.count()
        let result = try load()
        commits += try counter.count() &- before
        answers += result.answers
        return result
    }

    /// What a report says.
    var note: String {
        let each = Double(commits) / Double(max(1, answers))
        return
            "fsyncs              \(Format.fixed(each, 3)) a request: one for each of \(Format.grouped(Double(commits))) "
            + "commits (SQLite's own count), checkpoints come on top"
    }
}
