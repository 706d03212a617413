import Identity
import JSON
import OAuthTypes
import Stores

/// Shows security events.
struct AuditListCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["audit", "list"],
        summary: "Show the latest security events.",
        discussion: """
            Who did what, on whom, from where, with which client, and what came of it; the
            latest last. Addresses of people are sealed: without the master key the network
            stands in their place, and after an account was erased too.

            A moment is a date (2026-01-31), a time in UTC (2026-01-31T18:30Z), or how long
            ago (90m, 12h, 7d).
            """,
        options: [user, action, outcome, .since, until, limit, .json],
        examples: [
            CommandUsage.Example(
                purpose: "What happened to an account", command: "martlet audit list --user ada@example.com"),
            CommandUsage.Example(
                purpose: "Refused sign-ins of today",
                command: "martlet audit list --action sign_in --outcome refused --since 24h"),
        ]
    )

    private static let user = Option.once("--user", "EMAIL", "On this account; of an erased one, its sub.")
    private static let action = Option.once("--action", "WORD", "Of this kind, such as sign_in.")
    private static let outcome = Option.once("--outcome", "WORD", "succeeded, refused or limited.")
    private static let until = Option.once("--until", "MOMENT", "Before this moment.")
    private static let limit = Option.once("--limit", "NUMBER", "So many at most, 1 to 10000; 100 if none.")

    private static let page = 500

    private let user: String?
    private let action: AuditAction?
    private let outcome: AuditEvent.Outcome?
    private let since: Moment?
    private let until: Moment?
    private let limit: Int
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        let usage = AuditListCommand.self
        user = arguments.value(usage.user)
        let actions: [AuditAction] = try arguments.choices(usage.action)
        action = actions.first
        let outcomes: [AuditEvent.Outcome] = try arguments.choices(usage.outcome)
        outcome = outcomes.first
        since = try Moment(arguments, .since)
        until = try Moment(arguments, usage.until)
        guard let limit = Int(arguments.value(usage.limit) ?? "100"), (1...10_000).contains(limit) else {
            throw UsageError("--limit is no number from 1 to 10000", in: usage.usage.words)
        }
        self.limit = limit
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        var search = AuditSearch()
        if let user { search.subject = try await tool.userID(user) }
        search.action = action?.rawValue
        search.outcome = outcome
        search.since = since?.before(tool.clock.now)
        search.until = until?.before(tool.clock.now)
        var events: [AuditEvent] = []
        while events.count < limit {
            let size = min(AuditListCommand.page, limit - events.count)
            let page = try await tool.stores.audit.find(search, limit: size)
            events += page
            search.before = page.last?.id
            guard page.count == size else { break }
        }
        let shown = ShownEvents(tool.auditTrail(), tool.stores.users)
        if isJSON {
            try await printJSON(events.reversed(), shown, tool.console)
        } else {
            tool.console.print(try await shown.table(events.reversed()))
        }
    }

    private func printJSON(_ events: [AuditEvent], _ shown: ShownEvents, _ console: Console) async throws {
        var separator = "["
        for event in events {
            let personal = try await shown.personal(of: event)
            var writer = JSONWriter(capacity: 512)
            writer.bytes += separator.utf8
            separator = ",\n"
            writer.object { event.write(to: &$0, at: nil, personal: personal) }
            console.write(writer.bytes)
        }
        console.print(separator == "[" ? "[]" : "]")
    }
}

extension Option {
    static let since = once("--since", "MOMENT", "Of this moment and later.")
}
