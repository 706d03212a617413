import JSON
import OAuthTypes
import Stores

/// Shows the mails that wait or were given up.
struct MailListCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["mail", "list"],
        summary: "List the mails that wait or were given up.",
        discussion: """
            A mail that was sent is not kept. Its text is made when it is sent, so there
            is none to show.
            """,
        options: [.json],
        examples: [
            CommandUsage.Example(
                purpose: "Why mails were given up",
                command: "martlet mail list --json | jq -r '.[] | select(.gave_up_at) | .failure'"
            )
        ]
    )

    /// Mails read at a time.
    static let page = 500

    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        var mails: [MailOrder] = []
        while true {
            let page = try await tool.stores.mails.list(after: mails.last?.id, limit: MailListCommand.page)
            mails += page
            guard page.count == MailListCommand.page else { break }
        }
        mails.sort { $0.createdAt < $1.createdAt }
        if isJSON {
            tool.console.print { writer in
                writer.array { writer in
                    for mail in mails { writer.element { mail.write(to: &$0) } }
                }
            }
        } else {
            var table = TextTable("ID", "KIND", "TO", "STATE", "TRIES", "FAILURE")
            for mail in mails {
                table.add(
                    mail.id.rawValue, mail.kind.rawValue, mail.recipient.rawValue,
                    mail.gaveUpAt == nil ? "waiting" : "given up", "\(mail.attempts)", mail.failure ?? "")
            }
            tool.console.print(table.text)
        }
    }
}

extension MailOrder {
    /// The members of one mail in a list.
    func write(to writer: inout JSONWriter) {
        writer.member("id", id.rawValue)
        writer.member("kind", kind.rawValue)
        writer.member("to", recipient.rawValue)
        writer.member("created_at", createdAt.internetDate)
        writer.member("due_at", dueAt.internetDate)
        writer.member("attempts", attempts)
        writer.member("failure", failure)
        writer.member("gave_up_at", gaveUpAt?.internetDate)
    }
}
