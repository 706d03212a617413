import Glibc
import OAuthTypes

/// The files of a database: the database, its log, the index of the log, and the folder they are in.
///
/// They are looked at by name only: to open and close one would drop the locks that this process has on it.
struct SQLiteFiles {
    let path: String

    var folder: String { SQLiteFile.directory(of: path) }
    var exists: Bool { status(path) != nil }
    var size: ByteCount { ByteCount(Int64(status(path)?.st_size ?? 0)) }

    private var all: [String] { [path, path + "-wal", path + "-shm"] }

    private func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    var absence: Finding {
        var status = stat()
        if stat(path, &status) != 0, errno != ENOENT, errno != ENOTDIR {
            return .failed(
                "\(path) cannot be looked at: \(String(cString: strerror(errno)))",
                do: "Run this as the server's user, or correct MARTLET_DATABASE.")
        }
        return .warning(
            "there is no file \(path) yet",
            do: "The first start makes it; if the provider has been in use, MARTLET_DATABASE names the wrong file.")
    }

    /// Who else can read or write the files, and whether all of them belong to one user.
    var permissions: Finding {
        guard let database = status(path) else { return .skipped("there is no file yet") }
        let open = ([folder] + all).filter {
            ((status($0)?.st_mode ?? 0) & 0o077) & ~SQLiteFiles.entry($0, folder) != 0
        }
        let strange = all.filter { (status($0)?.st_uid ?? database.st_uid) != database.st_uid }
        let owner = SQLiteFiles.name(of: database.st_uid)
        if !strange.isEmpty {
            return .failed(
                "\(strange.joined(separator: ", ")) does not belong to \(owner), who has the database",
                do: "chown \(owner) \(strange.joined(separator: " ")), and run commands as that user.")
        }
        if let mode = status(folder)?.st_mode, mode & 0o002 != 0, mode & S_ISVTX == 0 {
            return .failed("everybody can replace the files in \(folder)", do: "chmod 700 \(folder)")
        }
        guard open.isEmpty else {
            let list = open.map { "\($0) (mode \(String((status($0)?.st_mode ?? 0) & 0o777, radix: 8)))" }
            let remedies = open.map { "chmod \($0 == folder ? 700 : 600) \($0)" }
            return .warning(
                "others than \(owner) can read \(list.joined(separator: ", "))",
                do: remedies.joined(separator: "; "))
        }
        guard geteuid() == 0 || geteuid() == database.st_uid else {
            return .warning(
                "the files belong to \(owner), and you are \(SQLiteFiles.name(of: geteuid()))",
                do: "Run commands as \(owner).")
        }
        return .ok("only \(owner) can read the database and its folder")
    }

    /// To pass through a folder is no reading: its bits for that are of no interest.
    private static func entry(_ path: String, _ folder: String) -> mode_t { path == folder ? 0o011 : 0 }

    /// The log is copied into the database at 16 MiB and cut to 64 MiB; if it is much longer, something holds it.
    var log: Finding {
        guard exists else { return .skipped("there is no file yet") }
        guard let status = status(path + "-wal") else { return .ok("none: the database is closed") }
        let size = ByteCount(Int64(status.st_size))
        guard size < .mebibytes(256) else {
            return .warning(
                "\(size): something has been reading for long, so that it cannot be copied into the database",
                do: "Wait for a running backup, else look below for processes that have the database open.")
        }
        return .ok("\(size)")
    }

    /// A file from the future: a clock was set back, and what expires by it lives longer or shorter than it should.
    func clock(now: Timestamp) -> Finding {
        let newest = all.compactMap(status).map {
            Timestamp(microseconds: Int64($0.st_mtim.tv_sec) &* 1_000_000 &+ Int64($0.st_mtim.tv_nsec) / 1000)
        }.max()
        guard now.seconds > 1_735_689_600 else {
            return .failed("it is \(now.internetDate) here", do: "Set the clock; `timedatectl` shows what it follows.")
        }
        guard let newest else { return .ok("\(now.internetDate); nothing to compare it with") }
        guard newest <= now + .seconds(5) else {
            return .warning(
                "it is \(now.internetDate) here, and the database was written to at \(newest.internetDate)",
                do: "Set the clock; `timedatectl` shows what it follows.")
        }
        return .ok("\(now.internetDate), after the last write at \(newest.internetDate)")
    }

    /// Servers that have the database open, as far as this user may see them: there should be one at most.
    var processes: Finding {
        guard let database = status(path) else { return .skipped("there is no file yet") }
        let servers = OpenFiles.processes(with: database).filter { $0.id != getpid() && $0.isServer }
        let list = servers.map { "\($0.id)" }.joined(separator: ", ")
        switch servers.count {
        case 0: return .ok("no server has the database open, as far as \(SQLiteFiles.name(of: geteuid())) can see")
        case 1: return .ok("one server has the database open, process \(list)")
        default:
            return .failed(
                "\(servers.count) servers have the database open: processes \(list)",
                do:
                    "Stop all but one: two servers on one SQLite file hold each other up and do not see each other's changes at once."
            )
        }
    }

    private static func name(of user: uid_t) -> String {
        guard let entry = getpwuid(user) else { return "user \(user)" }
        return String(cString: entry.pointee.pw_name)
    }
}
