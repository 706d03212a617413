import CLinux
import Glibc
import Reactor

/// Starts the provider.
struct ServeCommand: Command {
    static let usage = CommandUsage(
        words: ["serve"],
        summary: "Start the provider.",
        discussion: """
            Without any setting it is a provider for development on http://localhost:8080,
            with its data in ./data, a demo client, a demo person and a playground. Lines of
            the log go to standard output, one JSON object each. SIGTERM and SIGINT let it
            finish what it is doing and leave within 30 seconds; a second one ends it at once.
            SIGHUP reads the TLS certificates anew. SIGUSR2 starts the program again and hands
            the listening sockets over, so that a new version serves without a refused connection.

            Settings are variables of the environment, or lines NAME=value of the file that
            MARTLET_CONFIG names; the environment wins.

            \(settings)
            """,
        examples: [
            CommandUsage.Example(purpose: "Try it", command: "martlet serve"),
            CommandUsage.Example(
                purpose: "For real people, behind a proxy that does TLS",
                command: "MARTLET_MODE=production MARTLET_ISSUER=https://login.example \\\n"
                    + "  MARTLET_DATABASE=sqlite:/var/lib/martlet/martlet.db \\\n"
                    + "  MARTLET_MASTER_KEY_FILE=/etc/martlet/master.key martlet serve"
            ),
            CommandUsage.Example(
                purpose: "The same with TLS of its own, settings in a file",
                command: "MARTLET_CONFIG=/etc/martlet/martlet.conf \\\n"
                    + "  MARTLET_LISTEN=https://0.0.0.0:443,https://[::]:443 \\\n"
                    + "  MARTLET_TLS_CERTIFICATE=/etc/martlet/tls.pem \\\n"
                    + "  MARTLET_TLS_KEY=/etc/martlet/tls.key martlet serve"
            ),
        ]
    )

    private static var settings: String {
        Setting.allCases.map { setting in
            "  \(setting.rawValue)\n"
                + HelpText.wrapped("\(setting.summary) (default: \(setting.fallback))", indent: 6)
        }.joined(separator: "\n")
    }

    init(_ arguments: Arguments) throws(UsageError) {}

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        ProcessMemory.hide()
        // First of all: who stops a server that is still starting wants it to stop in order, too.
        let signals = Server.stopSignals + [Server.reloadSignal, Server.restartSignal]
        Signals.intercept(signals)
        ServeCommand.unblock(signals)
        // Before anything else takes their numbers.
        let takeover = Takeover(handingOn: settings.masterKey)
        ServeCommand.limitArenas()
        OpenFiles.raiseLimit()
        let configuration = try ServeConfiguration(settings)
        let group = try EventLoopGroup(count: configuration.settings.loops)
        MainTask.run(on: group, console) {
            let server = try await StopWatch.whileStarting(on: group, configuration.settings.logLevel) {
                try await Server(configuration, group, takeover, console)
            }
            try await server.run()
        }
    }

    /// A parent that blocks signals, as some supervisors do, hands that on: nothing could stop the server then.
    private static func unblock(_ signals: [Int32]) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Two arenas for all threads.
    ///
    /// The C library gives each thread an arena of its own, up to eight a core, and each keeps the peak of what its thread
    /// ever used. Loops allocate little, so that they hardly wait for each other; what they save is memory.
    static func limitArenas() {
        _ = mallopt(M_ARENA_MAX, 2)
    }
}
