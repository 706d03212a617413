import Glibc
import JSON
import SQLStores

/// Brings the schema of the database up to this version, or tells what that would be like.
struct MigrateCommand: Command {
    static let usage = CommandUsage(
        words: ["migrate"],
        summary: "Bring the database up to this version.",
        discussion: """
            The server does the same when it starts. It is safe to run twice, at once on
            several nodes, and beside running servers: from any older version to this one
            all steps are applied in one transaction, or none. Programs of the version
            before go on working.

            With --dry-run nothing is changed. The exit status is 0 if there is nothing to
            do and 2 if there is.

            With --rehearse nothing is changed either. The schema and some rows of each
            table are copied, the steps run there, and you are told for each how long it
            took and may take on all rows, what it locks, and what would break. The copy
            is a file without a name beside a SQLite database, which takes half of the free
            space at most, or with PostgreSQL a schema martlet_rehearsal_… in the same
            database, which needs the right to create one. Both are gone afterwards. The
            exit status is 1 if a step fails or an older program would.
            """,
        options: [.dryRun, .rehearse, .sample, .json],
        examples: [
            CommandUsage.Example(
                purpose: "Before the new version is started",
                command: "MARTLET_DATABASE=sqlite:/var/lib/martlet/martlet.db martlet migrate"
            ),
            CommandUsage.Example(
                purpose: "How long a large database will be locked",
                command: "martlet migrate --rehearse --sample 500000"
            ),
        ]
    )

    private enum Mode {
        case apply
        case dryRun
        case rehearse(sample: Int64)
    }

    /// The rows of each table that a rehearsal copies without `--sample`.
    private static let standardSample: Int64 = 10_000

    private let mode: Mode
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.has(.json)
        let sample = arguments.value(.sample)
        switch (arguments.has(.dryRun), arguments.has(.rehearse)) {
        case (true, true):
            throw UsageError("--dry-run and --rehearse exclude each other", in: MigrateCommand.usage.words)
        case (let isDryRun, false):
            guard sample == nil else {
                throw UsageError("--sample goes with --rehearse", in: MigrateCommand.usage.words)
            }
            mode = isDryRun ? .dryRun : .apply
        case (false, true):
            guard let rows = sample.map(Int64.init) ?? MigrateCommand.standardSample, rows > 0 else {
                throw UsageError("--sample takes a number of rows from 1 up", in: MigrateCommand.usage.words)
            }
            mode = .rehearse(sample: rows)
        }
    }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        switch mode {
        case .apply: try Migration(isJSON: isJSON).run(settings, console)
        case .dryRun:
            let status = try Configuration(forTools: settings).database.schemaStatus()
            let report = SchemaReport(status)
            if isJSON { console.print(json: report.write) } else { console.print(report.text) }
            exit((status.pending.isEmpty ? ExitStatus.success : .pending).rawValue)
        case .rehearse(let sample):
            let report = RehearsalReport(
                try Configuration(forTools: settings).database.rehearse(sample: sample), sample: sample
            )
            if isJSON { console.print(json: report.write) } else { console.print(report.text) }
            exit((report.rehearsal.isFine ? ExitStatus.success : .failure).rawValue)
        }
    }
}

extension Option {
    fileprivate static let dryRun = flag("--dry-run", "Tell what there is to do, and do nothing.")
    fileprivate static let rehearse = flag("--rehearse", "Try the steps on a copy with a sample of the rows.")
    fileprivate static let sample = once(
        "--sample", "ROWS", "Rows of each table to copy for --rehearse (default: 10000).")
}

/// The migration itself.
private struct Migration: ToolCommand {
    static let usage = MigrateCommand.usage
    static let schema = SQLStorage.SchemaPolicy.migrate

    let isJSON: Bool

    init(isJSON: Bool) { self.isJSON = isJSON }

    init(_ arguments: Arguments) throws(UsageError) { isJSON = arguments.has(.json) }

    func run(in tool: Tool) async throws {
        let applied = tool.storage.applied
        if isJSON {
            tool.console.print { writer in writer.object { $0.steps("applied", applied) } }
        } else if applied.isEmpty {
            tool.console.print("The database is up to date.")
        } else {
            for step in applied { tool.console.print("Applied \(step.number): \(step.name)") }
        }
    }
}

extension DatabaseConfiguration {
    /// How the schema stands; a SQLite file that is missing is not made.
    fileprivate func schemaStatus() throws -> SchemaStatus {
        switch location {
        case .sqlite(let path):
            access(path, F_OK) == 0 ? try SQLStorage.schemaStatus(ofSQLiteAt: path) : .ofNoDatabase
        case .postgreSQL(let connectionString):
            try SQLStorage.schemaStatus(of: settings(connectionString, role: .tool))
        }
    }

    fileprivate func rehearse(sample: Int64) throws -> Rehearsal {
        switch location {
        case .sqlite(let path): try .ofSQLite(at: path, sample: sample)
        case .postgreSQL(let connectionString):
            try .ofPostgreSQL(settings(connectionString, role: .tool), sample: sample)
        }
    }
}
