import Identity
import JSON
import OAuthTypes
import SQLStores
import Stores

/// Gives out everything that is held on a person.
struct UserExportCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["user", "export"],
        summary: "Write everything that is held on a person to standard output.",
        discussion: """
            One JSON document: the account, sessions, grants, consents, factors without
            their secrets, mails that wait, and every security event on the person with what
            is sealed in it. That is what a person may ask for (GDPR, articles 15 and 20).
            """,
        operand: .email,
        options: [.email],
        examples: [
            CommandUsage.Example(
                purpose: "For its owner alone",
                command: "(umask 077; martlet user export ada@example.com > ada.json)")
        ]
    )

    private static let page = 500

    private let email: String

    init(_ arguments: Arguments) throws(UsageError) {
        email = try arguments.operand(or: .email)
    }

    func run(in tool: Tool) async throws {
        ProcessMemory.hide()
        let masterKey = try tool.configuration.requireMasterKey()
        let trail = AuditTrail(tool.stores, masterKey: masterKey, clock: tool.clock, random: tool.random)
        guard let address = Email(email), let user = try await tool.stores.users.find(address) else {
            throw CommandFailure(Accounts.Refusal.unknown)
        }
        try await tool.note(.accountExported, of: user.id)
        let database = tool.configuration.database
        let records = try PersonRecords(of: user, in: try database.place(database.location))
        var writer = JSONWriter(capacity: 64 * 1024)
        writer.bytes += "{\"exported_at\":".utf8
        tool.clock.now.internetDate.encode(to: &writer)
        for table in records.tables {
            writer.bytes += ",\n".utf8
            table.name.encode(to: &writer)
            writer.bytes += ":".utf8
            write(table.rows, to: &writer)
        }
        writer.bytes += ",\n\"security_events\":[".utf8
        try tool.console.deliver(writer.bytes)
        let shown = ShownEvents(trail, tool.stores.users)
        try await writeEvents(on: user, shown, tool)
        try tool.console.deliver(Array("]}\n".utf8))
        try shown.requireAll()
    }

    private func write(_ rows: [[PersonRecords.Field]], to writer: inout JSONWriter) {
        writer.array { writer in
            for row in rows {
                writer.element { writer in
                    for field in row {
                        switch field.value {
                        case .text(let text): writer.member(named: field.name, text)
                        case .number(let number): writer.member(named: field.name, number)
                        case .moment(let moment): writer.member(named: field.name, moment.internetDate)
                        case .flag(let flag): writer.member(named: field.name, flag)
                        }
                    }
                }
            }
        }
    }

    private func writeEvents(on user: User, _ shown: ShownEvents, _ tool: Tool) async throws {
        var search = AuditSearch()
        search.subject = user.id
        var separator = "\n"
        while true {
            let page = try await tool.stores.audit.find(search, limit: UserExportCommand.page)
            for event in page {
                let personal = try await shown.personal(of: event)
                var writer = JSONWriter(capacity: 512)
                writer.bytes += separator.utf8
                separator = ",\n"
                writer.object { event.write(to: &$0, at: nil, personal: personal) }
                try tool.console.deliver(writer.bytes)
            }
            guard page.count == UserExportCommand.page else { return }
            search.before = page.last?.id
        }
    }
}
