import Glibc
import JSON
import Reactor
import SQLStores

/// Copies the database into a file while the server runs.
struct BackupCommand: Command {
    static let usage = CommandUsage(
        words: ["backup"],
        summary: "Copy the SQLite database into a file, while the server runs.",
        discussion: """
            The copy is of one moment, is checked before it gets its name, and can be read by
            its owner alone. The server goes on meanwhile.

            With --verify nothing is written: the copy FILE is checked, every page and index,
            and whether the master key opens its signing keys. The exit status is 1 if the
            copy is not fit to be restored.

            During `martlet db move` the database in use is copied without what the move
            has made in it, so a restored copy knows of no move: begin it anew, with an empty
            target. A database that has moved away or is still being filled is not copied.

            Keep the master key elsewhere: with it the copy holds the signing keys. To
            restore, stop the server, put the copy in the place of the database, remove the
            files that end in -wal and -shm beside it, and start the server.
            """,
        operand: CommandUsage.Operand(name: "FILE", summary: "The file to write, or to check."),
        options: [replace, verify, .json],
        examples: [
            CommandUsage.Example(
                purpose: "Every night", command: "martlet backup /backup/martlet-$(date +%F).db"
            ),
            CommandUsage.Example(
                purpose: "Whether last night's copy could be restored",
                command: "martlet backup --verify /backup/martlet-2026-11-21.db"
            ),
        ]
    )

    private static let replace = Option.flag("--force", "Replace a file of that name, once the new copy is whole.")
    private static let verify = Option.flag("--verify", "Check the copy FILE instead of writing it.")

    private let target: String
    private let isReplacing: Bool
    private let isVerifying: Bool
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        guard let operand = arguments.operand else {
            throw UsageError("FILE is missing", in: BackupCommand.usage.words)
        }
        target = operand
        isReplacing = arguments.has(BackupCommand.replace)
        isVerifying = arguments.has(BackupCommand.verify)
        guard !isReplacing || !isVerifying else {
            throw UsageError("--force and --verify exclude each other", in: BackupCommand.usage.words)
        }
        isJSON = arguments.has(.json)
    }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        if isVerifying {
            let report = BackupVerification.report(
                of: target, DoctorKeys(try Configuration(forTools: settings)))
            report.tell(console, asJSON: isJSON)
            exit((report.isFine ? ExitStatus.success : .failure).rawValue)
        }
        guard case .sqlite(let database) = try Configuration(forTools: settings).database.location else {
            throw CommandFailure(
                "a PostgreSQL database is backed up with its own tools, such as pg_dump --format=custom")
        }
        let backup = SQLiteBackup(of: database, to: target, replacing: isReplacing)
        try BackupCommand.removeOnSignals(backup.draftPath)
        let started = Deadline.now
        let showsProgress = isatty(2) == 1
        let outcome: SQLiteBackup.Outcome
        do {
            outcome = try backup.run { progress in
                if showsProgress { BackupCommand.show(progress) }
            }
        } catch {
            if showsProgress { BackupCommand.write("\r\u{1B}[K") }
            throw error
        }
        if showsProgress { BackupCommand.write("\r\u{1B}[K") }
        tell(outcome, milliseconds: (Deadline.now.nanoseconds - started.nanoseconds) / 1_000_000, console)
        exit(ExitStatus.success.rawValue)
    }

    private func tell(_ outcome: SQLiteBackup.Outcome, milliseconds: UInt64, _ console: Console) {
        let rows = outcome.tables.reduce(0) { $0 + $1.rows }
        guard !isJSON else {
            console.print { writer in
                writer.object {
                    $0.member("file", target)
                    $0.member("bytes", outcome.size.bytes)
                    $0.member("schema", outcome.schema)
                    $0.member("rows", rows)
                    $0.object("tables") { writer in
                        for count in outcome.tables { writer.member(named: count.table, count.rows) }
                    }
                    $0.member("milliseconds", Int64(clamping: milliseconds))
                }
            }
            return
        }
        let seconds = "\(milliseconds / 1000).\(milliseconds / 100 % 10)"
        console.print(
            """
            Wrote \(Console.visible(target)): \(outcome.size), schema \(outcome.schema), \(rows) rows in \
            \(outcome.tables.count) tables, in \(seconds) s.
            Its structure is intact and every table has the rows of the database.
            """
        )
    }

    private static func show(_ progress: SQLiteBackup.Progress) {
        switch progress {
        case .copying(let done, let total):
            let percent = total.bytes > 0 ? done.bytes * 100 / total.bytes : 100
            write("\r\u{1B}[Kcopying: \(done) of \(total), \(percent) %")
        case .checking: write("\r\u{1B}[Kchecking the copy")
        }
    }

    private static func write(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    }

    /// Who interrupts a command that writes a file leaves nothing of it behind.
    static func removeOnSignals(_ path: String) throws {
        let signals = [SIGINT, SIGTERM, SIGHUP]
        Signals.intercept(signals)
        let group = try EventLoopGroup(count: 1)
        Task(executorPreference: group.loops[0]) {
            guard let signal = try? await Signals.wait(for: signals, on: group.loops[0]) else { return }
            unlink(path)
            _exit(128 + signal)
        }
    }
}
