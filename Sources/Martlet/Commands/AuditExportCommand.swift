import Identity
import JSON
import OAuthTypes
import Stores

/// Gives the log of security events out.
struct AuditExportCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["audit", "export"],
        summary: "Write the log of security events to standard output.",
        discussion: """
            As JSON Lines it holds the chain with its signed checkpoints, and can be verified
            anywhere with `martlet audit verify`. With --since it begins at the last checkpoint
            before that moment. CSV is for spreadsheets.

            What tells of people stays sealed, so that it becomes unreadable in every copy when
            an account is erased. --personal opens it, with the master key: such a file has
            to be treated as what it is. What was opened is not covered by the chain; its
            sealed form is.
            """,
        options: [format, .since, personal],
        examples: [
            CommandUsage.Example(purpose: "For the archive", command: "martlet audit export > audit.jsonl"),
            CommandUsage.Example(
                purpose: "The last week for a spreadsheet",
                command: "martlet audit export --format csv --since 7d --personal > audit.csv"),
        ]
    )

    private static let format = Option.once("--format", "FORMAT", "jsonl or csv; jsonl if none.")
    private static let personal = Option.flag("--personal", "Open what tells of people.")

    private enum Format: String, CaseIterable {
        case jsonl, csv
    }

    private let format: Format
    private let since: Moment?
    private let opensPersonal: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        let formats: [Format] = try arguments.choices(AuditExportCommand.format)
        format = formats.first ?? .jsonl
        since = try Moment(arguments, .since)
        opensPersonal = arguments.has(AuditExportCommand.personal)
    }

    func run(in tool: Tool) async throws {
        var shown: ShownEvents?
        if opensPersonal {
            ProcessMemory.hide()
            let masterKey = try tool.configuration.requireMasterKey()
            shown = ShownEvents(
                AuditTrail(tool.stores, masterKey: masterKey, clock: tool.clock, random: tool.random), tool.stores.users
            )
        }
        let now = tool.clock.now
        try await tool.note(
            .logExported, details: ["format": format.rawValue, "personal": opensPersonal ? "yes" : "no"])
        try await tool.linkEvents()
        let start = since?.before(now)
        let output = Output(console: tool.console)
        switch format {
        case .jsonl: try await writeLines(tool, shown, since: start, output)
        case .csv: try await writeTable(tool, shown, since: start, output)
        }
        try output.finish()
        try shown?.requireAll()
    }

    private func writeLines(_ tool: Tool, _ shown: ShownEvents?, since: Timestamp?, _ output: Output) async throws {
        let issuer = try await tool.stores.audit.checkpoint(through: .max).flatMap { try? AuditSeal(checkpoint: $0) }?
            .issuer
        output.add { AuditLine.beginning(issuer: issuer ?? "", at: tool.clock.now).write(to: &$0) }
        let last = try await AuditReading(tool.stores.audit).lines(since: since) { line in
            var personal: String?
            if case .event(let linked) = line { personal = try await shown?.personal(of: linked.event) }
            output.add { line.write(to: &$0, personal: personal) }
            try output.pass(line)
        }
        output.add { AuditLine.end(sequence: last).write(to: &$0) }
    }

    private func writeTable(_ tool: Tool, _ shown: ShownEvents?, since: Timestamp?, _ output: Output) async throws {
        output.add(row: CSVRow.headings + (opensPersonal ? ["personal"] : []))
        try await AuditReading(tool.stores.audit).lines(since: since) { line in
            guard case .event(let linked) = line, linked.event.at >= since ?? linked.event.at else { return }
            var cells = CSVRow.cells(of: linked)
            if let shown { cells.append(try await shown.personal(of: linked.event) ?? "") }
            output.add(row: cells)
            try output.pass(line)
        }
    }
}

/// What is written, in large pieces, with a line on the terminal that tells how far it is.
private final class Output {
    private let console: Console
    private let status = StatusLine()
    private var bytes: [UInt8] = []
    private var events = 0

    init(console: Console) {
        self.console = console
    }

    func add(_ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(appendingTo: bytes)
        bytes = []
        write(&writer)
        bytes = writer.bytes
        bytes.append(UInt8(ascii: "\n"))
    }

    func add(row cells: [String]) { bytes += CSVRow.text(cells).utf8 }

    /// After each line.
    func pass(_ line: AuditLine) throws(CommandFailure) {
        if case .event = line { events += 1 }
        guard bytes.count > 64 * 1024 else { return }
        try console.deliver(bytes)
        bytes = []
        status.put("Exported \(events) events")
    }

    func finish() throws(CommandFailure) {
        try console.deliver(bytes)
        status.clear()
        console.complain("martlet: exported \(events) events")
    }
}

@available(*, unavailable)
extension Output: Sendable {}
