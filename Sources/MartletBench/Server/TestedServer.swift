import Glibc

/// A `martlet serve` in production mode with a database of its own in SQLite.
final class TestedServer {
    let installation: Installation
    let port: UInt16
    /// From the moment before it was started to the end of its first answer, in seconds.
    let startTime: Double
    let process: ChildProcess
    private let log: Int32
    private var isStopped = false

    /// Starts it on the processors of the calling thread, perhaps with more variables, and waits for its first answer.
    init(_ installation: Installation, _ variables: [String] = []) throws {
        self.installation = installation
        port = try ClientSocket.freePort()
        log = open(installation.logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw BenchFailure.call(installation.logPath) }
        let start = Monotonic.now
        let names = Set(variables.map { $0.prefix { $0 != "=" } })
        let usual = installation.environment(port: port).filter { !names.contains($0.prefix { $0 != "=" }) }
        process = try ChildProcess(
            installation.program, ["serve"], environment: usual + variables, output: .file(log),
            errors: .file(log))
        startTime = try TestedServer.firstAnswer(of: process, port: port, since: start, log: installation.logPath)
    }

    deinit { stop() }

    var issuer: String { "http://127.0.0.1:\(port)" }

    func stop() {
        guard !isStopped else { return }
        isStopped = true
        process.stop()
        close(log)
    }

    /// Empties the log, which grows by a line for each request.
    func forgetLog() { ftruncate(log, 0) }

    /// Resident memory, and the part of it that is not a file's, in bytes.
    func memory() throws -> (resident: Double, anonymous: Double) {
        guard let text = FileText.read("/proc/\(process.id)/status") else { throw BenchFailure("the server is gone") }
        func kibibytes(_ name: String) -> Double {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
            return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) } ?? 0
        }
        return (kibibytes("VmRSS:") * 1024, kibibytes("RssAnon:") * 1024)
    }

    private static func firstAnswer(
        of process: ChildProcess, port: UInt16, since start: UInt64, log: String
    ) throws -> Double {
        let deadline = start + 20_000_000_000
        while Monotonic.now < deadline {
            if let conversation = try? Conversation(port: port) {
                let answer = try conversation.ask(RequestText.get("/health", port: port))
                guard answer.status == 200 else { throw BenchFailure("/health: \(answer.excerpt)") }
                return Monotonic.seconds(since: start)
            }
            if process.hasEnded {
                throw BenchFailure("the server does not start:\n" + FileText.tail(log, lines: 12))
            }
            usleep(100)
        }
        throw BenchFailure("the server does not listen:\n" + FileText.tail(log, lines: 12))
    }
}
