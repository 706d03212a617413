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
    private static let window = Duration.seconds(86_400)
    /// Ten years: what is older is read in one go.
    private static let windowLimit = 3653

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
        for window in try await windows(of: search, tool) { try await read(window, into: &events, tool.stores.audit) }
        let shown = ShownEvents(tool.auditTrail(), tool.stores.users)
        if isJSON {
            try await printJSON(events.reversed(), shown, tool.console)
        } else {
            tool.console.print(try await shown.table(events.reversed()))
        }
    }

    /// The events of a window, the latest first, as long as there is room.
    private func read(_ window: AuditSearch, into events: inout [AuditEvent], _ audit: any AuditStore) async throws {
        var window = window
        while events.count < limit {
            let size = min(AuditListCommand.page, limit - events.count)
            let page = try await audit.find(window, limit: size)
            events += page
            window.before = page.last?.id
            guard page.count == size else { return }
        }
    }

    /// Where neither an account nor a time leads to the rows, one statement would read the whole log for a few: so a day at
    /// a time, the last one first, and at the end whatever is named by a clock that was behind.
    private func windows(of search: AuditSearch, _ tool: Tool) async throws -> [AuditSearch] {
        guard search.subject == nil, search.action != nil || search.outcome != nil,
            let first = try await tool.stores.audit.list(after: 0, limit: 1).first?.event.at
        else { return [search] }
        var windows: [AuditSearch] = []
        var rest = search
        // What a clock that is ahead has named stands in the first one.
        var end = min(search.until ?? tool.clock.now, tool.clock.now) - AuditListCommand.window
        while end > search.since ?? first, windows.count < AuditListCommand.windowLimit {
            var window = rest
            window.since = end
            windows.append(window)
            rest.until = end
            end = end - AuditListCommand.window
        }
        return windows + [rest]
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
