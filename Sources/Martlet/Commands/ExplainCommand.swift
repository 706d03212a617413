import Glibc
import JSON

/// Tells what the log knows of a request by its support code.
struct ExplainCommand: Command {
    static let usage = CommandUsage(
        words: ["explain"],
        summary: "Tell why a request was refused, by the support code of its answer.",
        discussion: """
            The code stands on pages of errors, and in the field X-Request-Id of every
            answer. What is known of it stands in the server's log (at level info), which is
            read from standard input or a file.
            """,
        operand: CommandUsage.Operand(name: "CODE", summary: "The support code."),
        options: [log],
        examples: [
            CommandUsage.Example(
                purpose: "From the journal of today",
                command: "journalctl -u martlet -o cat --since today | martlet explain k3v7q2mz5yhpa")
        ]
    )

    private static let log = Option.once("--log", "FILE", "The log; standard input if none.")

    private let code: String
    private let path: String

    init(_ arguments: Arguments) throws(UsageError) {
        guard let code = arguments.operand else {
            throw UsageError("CODE is missing", in: ExplainCommand.usage.words)
        }
        self.code = code
        path = arguments.value(ExplainCommand.log) ?? "-"
    }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        let lines = try LineReader(path)
        var story = RequestStory()
        while let line = try lines.next() { story.read(line, of: code) }
        guard let text = story.text else {
            throw CommandFailure(
                "the log says nothing of \(Console.visible(code)): it may be older, or MARTLET_LOG_LEVEL above info")
        }
        console.print(text)
        exit(ExitStatus.success.rawValue)
    }
}

/// What the lines of a log tell of one request.
struct RequestStory {
    private var request: String?
    private var refusals: [String] = []
    private var failures: [String] = []

    /// Takes a line; what is no line of the log, or of another request, changes nothing.
    mutating func read(_ line: [UInt8], of code: String) {
        // Most lines are of other requests: no need to take them apart.
        guard String(decoding: line, as: UTF8.self).contains(code), let fields = try? JSONObject(parsing: line),
            fields["request_id"]?.string == code
        else { return }
        func text(_ name: String) -> String { Console.visible(fields[name]?.string ?? "") }
        switch fields["event"]?.string {
        case "request":
            let status = fields["status"]?.integer ?? 0
            request = "\(text("method")) \(text("path")) was answered with \(status), at \(text("time"))"
        case "request.refused":
            var story = "It was refused with \(text("code")): \(text("check"))\nRule: \(text("section"))"
            if !text("advice").isEmpty { story += "\nAdvice: \(text("advice"))" }
            if !text("received").isEmpty { story += "\nReceived: \(text("received"))" }
            refusals.append(story)
        case "request.failed": failures.append("The server failed: \(text("error"))")
        default: break
        }
    }

    /// All of it; nil where nothing was found.
    var text: String? {
        let all = [request].compactMap(\.self) + refusals + failures
        return all.isEmpty ? nil : all.joined(separator: "\n")
    }
}
