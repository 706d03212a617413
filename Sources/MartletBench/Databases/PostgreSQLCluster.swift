import CPostgreSQL
import Glibc

/// The PostgreSQL cluster that the rows work in: one of our own in a temporary folder, or one that was named.
///
/// Each row makes databases in it and drops them again.
final class PostgreSQLCluster {
    /// What tells about the cluster in a report.
    let description: String
    /// Keywords and values of a connection, but for the database.
    private let keywords: [(name: String, value: String)]
    private let process: ChildProcess?
    private var databases: [String] = []

    /// The settings of our own cluster: what durability needs stays as it comes.
    private static let settings = [
        "listen_addresses=", "fsync=on", "synchronous_commit=on", "shared_buffers=1GB", "max_wal_size=8GB",
        "max_connections=300", "shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=top",
        "log_min_messages=fatal",
    ]

    /// Starts a cluster of our own below `folder`.
    init(below folder: String) throws {
        let programs = try PostgreSQLCluster.programs(folder)
        let data = folder + "/postgresql"
        let runner = try PostgreSQLCluster.runner()
        guard mkdir(data, 0o700) == 0 else { throw BenchFailure.call(data) }
        if let owner = runner.owner {
            // It neither runs as root nor passes through a folder that is closed to it.
            guard chown(data, owner.user, owner.group) == 0, chmod(folder, 0o711) == 0 else {
                throw BenchFailure.call(data)
            }
        }
        let environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8"]
        let made = try CapturedRun(
            runner.words[0],
            Array((runner.words + [programs + "/initdb"]).dropFirst()) + [
                "-D", data, "-U", "martlet", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-instructions",
            ], environment: environment, folder: folder)
        guard made.status == 0 else { throw BenchFailure("initdb: \(made.errors)") }
        let arguments = ["-D", data, "-k", data] + PostgreSQLCluster.settings.flatMap { ["-c", $0] }
        process = try ChildProcess(
            runner.words[0], Array((runner.words + [programs + "/postgres"]).dropFirst()) + arguments,
            environment: environment, output: .nowhere, errors: .nowhere, lastSignal: SIGQUIT)
        keywords = [("host", data), ("user", "martlet")]
        description = "a cluster of our own: " + PostgreSQLCluster.settings.joined(separator: ", ")
        try awaitStart()
    }

    /// Takes the cluster of a connection string; the role must be allowed to make databases.
    init(at location: String) throws {
        var complaint: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(location, &complaint) else {
            defer { PQfreemem(complaint) }
            throw BenchFailure(complaint.map { String(cString: $0) } ?? "no connection string: \(location)")
        }
        defer { PQconninfoFree(options) }
        var found: [(String, String)] = []
        var option = options
        while let name = option.pointee.keyword {
            if let value = option.pointee.val { found.append((String(cString: name), String(cString: value))) }
            option += 1
        }
        keywords = found.filter { $0.0 != "dbname" }
        process = nil
        description = "the cluster that --postgresql names"
        _ = try PostgreSQLConnection(connection(to: "postgres"))
    }

    deinit { stop() }

    /// A connection string for one of its databases.
    func connection(to database: String) -> String {
        (keywords + [("dbname", database)]).map { name, value in
            let quoted = value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'")
            return "\(name)='\(quoted)'"
        }.joined(separator: " ")
    }

    /// Makes an empty database.
    func makeDatabase(_ name: String) throws -> DatabaseLocation {
        let name = "martlet_bench_" + name
        let administration = try PostgreSQLConnection(connection(to: "postgres"))
        try administration.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        try administration.execute("CREATE DATABASE \(name)")
        databases.append(name)
        return .postgresql(connection(to: name))
    }

    /// Drops what was made, and ends a cluster of our own.
    func stop() {
        if let process {
            guard !process.hasEnded else { return }
            kill(process.id, SIGINT)
            process.stop()
        } else if let administration = try? PostgreSQLConnection(connection(to: "postgres")) {
            for name in databases { try? administration.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }
        }
        databases = []
    }

    private func awaitStart() throws {
        let deadline = Monotonic.after(seconds: 30)
        while Monotonic.now < deadline, process?.hasEnded == false {
            if (try? PostgreSQLConnection(connection(to: "postgres"))) != nil { return }
            Monotonic.sleep(seconds: 0.05)
        }
        throw BenchFailure("the PostgreSQL cluster does not start")
    }

    /// Where the server's programs are: not always on the path.
    static func programs(_ folder: String) throws -> String {
        let run = try CapturedRun(
            "pg_config", ["--bindir"], environment: ["PATH=/usr/local/bin:/usr/bin:/bin"], folder: folder)
        let path = String(run.output.prefix { $0 != "\n" })
        guard run.status == 0, access(path + "/initdb", X_OK) == 0 else {
            throw BenchFailure("PostgreSQL's programs are not here: name a cluster with --postgresql")
        }
        return path
    }

    /// The words before a program that must not run as root, and who then owns its files.
    private static func runner() throws -> (words: [String], owner: (user: uid_t, group: gid_t)?) {
        guard geteuid() == 0 else { return (["env"], nil) }
        guard let entry = getpwnam("postgres") else { throw BenchFailure("there is no user postgres") }
        return (
            ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"],
            (entry.pointee.pw_uid, entry.pointee.pw_gid)
        )
    }
}
