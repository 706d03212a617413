import Glibc
import Reactor

/// Measures what a node on this machine can do.
struct SizingCommand: Command {
    static let usage = CommandUsage(
        words: ["sizing"],
        summary: "Measure what this machine can do, and say what to set.",
        discussion: """
            It looks for the cost of a password hash that takes as long as it may, measures
            sign-ins, code flows, refreshes and token verifications for a while, and prints a
            card: how many a second, how much memory, which settings, for how many users.

            All cores are kept busy meanwhile: run it where nobody is being served. The work
            is that of the server, on a SQLite database of its own in the folder of
            MARTLET_DATABASE, which is removed at the end. MARTLET_LOOPS and
            MARTLET_PASSWORD_WORKERS hold where they are set; the cost of a hash is looked for
            in any case. A PostgreSQL database is not asked: how much that can do is its own.

            What a request costs beside its work is measured at a socket of this machine;
            TLS is not.
            """,
        options: [hashTime, hashMemory, seconds, .json],
        examples: [
            CommandUsage.Example(purpose: "A card in about a minute", command: "martlet sizing"),
            CommandUsage.Example(
                purpose: "The settings alone, for hashes of at most 100 ms and 32 MiB",
                command: "martlet sizing --hash-time 100 --hash-memory 32 --json |\n"
                    + "      jq -r '.settings | to_entries[] | \"\\(.key)=\\(.value)\"'"
            ),
        ]
    )

    private static let hashTime = Option.once(
        "--hash-time", "MILLISECONDS", "How long a password hash may take, 10 to 10000 (default: 250).")
    private static let hashMemory = Option.once(
        "--hash-memory", "MIB", "The most memory of a password hash, 19 to 1024 (default: 64).")
    private static let seconds = Option.once(
        "--seconds", "SECONDS", "How long to measure in all, 1 to 3600 (default: 60).")

    private let target: Duration
    private let memory: UInt32
    private let duration: Duration
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        target = .milliseconds(try Self.number(Self.hashTime, in: 10...10_000, or: 250, arguments))
        memory = UInt32(try Self.number(Self.hashMemory, in: 19...1024, or: 64, arguments)) * 1024
        duration = .seconds(try Self.number(Self.seconds, in: 1...3600, or: 60, arguments))
        isJSON = arguments.has(.json)
    }

    private static func number(
        _ option: Option, in bounds: ClosedRange<Int>, or standard: Int, _ arguments: Arguments
    ) throws(UsageError) -> Int {
        guard let text = arguments.value(option) else { return standard }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), bounds.contains(number)
        else {
            throw UsageError(
                "\(option.name) takes a whole number from \(bounds.lowerBound) to \(bounds.upperBound)",
                in: usage.words)
        }
        return number
    }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        let configuration = try Configuration(forTools: settings)
        var reader = SettingsReader(settings)
        let (loops, workers, templates) = (
            reader.number(.loops), reader.number(.passwordWorkers), reader.text(.templates)
        )
        ServeCommand.limitArenas()
        let signals = Server.stopSignals + [SIGHUP]
        Signals.intercept(signals)
        let folder = try ScratchFolder(near: configuration.database.location.folder)
        let watch = try EventLoopGroup(count: 1)
        let (line, isJSON) = (StatusLine(), isJSON)
        MainTask.run(on: watch, console) {
            // Who interrupts it leaves nothing of it behind.
            async let _: Void = {
                guard let signal = try? await Signals.wait(for: signals, on: watch.loops[0]) else { return }
                line.clear()
                folder.remove()
                _exit(128 + signal)
            }()
            defer { folder.remove() }
            let run = SizingRun(
                configuration: configuration, templates: templates, passwordWorkers: workers,
                target: target, hashMemory: memory, duration: duration, folder: folder,
                group: try EventLoopGroup(count: loops), watch: watch.loops[0], line: line)
            let card: SizingCard
            do {
                card = try await run.card()
            } catch {
                line.clear()
                throw error
            }
            if isJSON { console.print(json: card.write) } else { console.print(card.text) }
        }
    }
}
