import Glibc
import JSON
import SQLStores

/// Moves the records into another database while the server runs.
struct MoveCommand: Command {
    static let usage = CommandUsage(
        words: ["db", "move"],
        summary: "Move all records to another database, of either kind.",
        discussion: """
            The server goes on meanwhile. All records are copied from the database that
            MARTLET_DATABASE names, and then what has changed since; run it again to catch up,
            or to go on after an interruption at any moment. The target must be empty; its
            tables are made. Keys stay sealed: the new place needs the same master key.

            With --cut-over every row of both is compared, then the old database refuses
            writes (the server answers 503 with Retry-After), the last changes are copied,
            and they and the number of rows of each table are compared too. From then on the
            old database takes no writes: set MARTLET_DATABASE and restart every node. If the
            two differ, the old database goes on as if nothing had been begun.
            So it does if the command is interrupted meanwhile; only after a kill -9 or a crash
            in those moments it has to be told, by --cut-over or --abort. `martlet doctor`
            tells how a move stands.

            --abort lets the database take writes at once, whoever uses its tables, and then
            removes what the move has made in it.

            While it is on its way both databases say so to whoever opens the wrong one.
            """,
        options: [.to, .cutOver, .abort, .json],
        examples: [
            CommandUsage.Example(
                purpose: "From SQLite to PostgreSQL: copy first, without any hurry",
                command: "MARTLET_DATABASE=sqlite:/var/lib/martlet/martlet.db \\\n"
                    + "  martlet db move --to postgresql://martlet@database.example/martlet"
            ),
            CommandUsage.Example(
                purpose: "Then take over",
                command: "MARTLET_DATABASE=sqlite:/var/lib/martlet/martlet.db \\\n"
                    + "  martlet db move --to postgresql://martlet@database.example/martlet --cut-over"
            ),
            CommandUsage.Example(purpose: "Stay where you are", command: "martlet db move --abort"),
        ]
    )

    private enum Mode {
        case move(to: DatabaseLocation, DatabaseMove.Goal)
        case abort
    }

    private let mode: Mode
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        let words = MoveCommand.usage.words
        isJSON = arguments.has(.json)
        if arguments.has(.abort) {
            guard arguments.value(.to) == nil, !arguments.has(.cutOver) else {
                throw UsageError("--abort goes alone", in: words)
            }
            mode = .abort
            return
        }
        let location: DatabaseLocation
        do {
            location = try DatabaseLocation(try arguments.required(.to))
        } catch let error as UsageError {
            throw error
        } catch let refusal as DatabaseLocation.Refusal {
            throw UsageError("--to \(refusal.complaint). \(refusal.remedy.withoutStop)", in: words)
        } catch {
            throw UsageError("--to names no database", in: words)
        }
        guard !location.holdsPassword else {
            throw UsageError(
                "--to holds a password, which everybody on this machine can read in the list of processes; "
                    + "put it into a password file (~/.pgpass) or PGPASSWORD", in: words)
        }
        mode = .move(to: location, arguments.has(.cutOver) ? .cutOver : .copy)
    }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        let database = try Configuration(forTools: settings).database
        let source = try database.place(database.location)
        switch mode {
        case .abort: try abort(source, console)
        case .move(let location, let goal):
            guard location != database.location else {
                throw UsageError("--to names the database that MARTLET_DATABASE names", in: MoveCommand.usage.words)
            }
            let target = try database.place(location)
            let line = ProgressLine()
            let report: DatabaseMove.Report
            do {
                report = try DatabaseMove.run(from: source, to: target, until: goal) { line.show($0) }
            } catch {
                line.clear()
                throw error
            }
            line.clear()
            let answer = MoveReport(report, from: source.description, to: target.description)
            if isJSON { console.print(json: answer.write) } else { console.print(answer.text) }
        }
        exit(ExitStatus.success.rawValue)
    }

    private func abort(_ source: DatabaseMove.Place, _ console: Console) throws {
        let place = try DatabaseMove.abort(from: source)
        if isJSON {
            console.print { writer in writer.object { $0.member("aborted", place) } }
        } else if let place {
            console.print(
                """
                The move to \(Console.visible(place)) is given up, and this database takes writes.
                What was copied is still there: empty that database before you begin anew.
                """
            )
        } else {
            console.print("There was no move to give up.")
        }
    }
}

extension Option {
    fileprivate static let to = once("--to", "LOCATION", "Where to: sqlite:PATH or postgresql://…")
    fileprivate static let cutOver = flag("--cut-over", "Let the target take over once all is copied.")
    fileprivate static let abort = flag("--abort", "Give a move up: the database takes writes again.")
}

extension String {
    fileprivate var withoutStop: Substring { hasSuffix(".") ? dropLast() : self[...] }
}
