import Identity
import OAuthTypes
import Stores

/// Has mails sent again, also those that were given up.
struct MailRetryCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["mail", "retry"],
        summary: "Send mails again at once, also those that were given up.",
        discussion: "Without --id all of them. A running server sends them; links in them are new.",
        options: [id],
        examples: [
            CommandUsage.Example(purpose: "All, once the mail server works again", command: "martlet mail retry")
        ]
    )

    private static let id = Option.once("--id", "ID", "The mail, as `martlet mail list` shows it.")

    private let id: String?

    init(_ arguments: Arguments) throws(UsageError) {
        id = arguments.value(MailRetryCommand.id)
    }

    func run(in tool: Tool) async throws {
        if let id {
            guard try await retry(MailID(rawValue: id), tool) else {
                throw CommandFailure("there is no mail \(Console.visible(id)); it may have been sent")
            }
            return tool.console.print("It is due now.")
        }
        var (count, last) = (0, MailID?.none)
        while true {
            let page = try await tool.stores.mails.list(after: last, limit: MailListCommand.page)
            for mail in page where try await retry(mail.id, tool) { count += 1 }
            last = page.last?.id
            guard page.count == MailListCommand.page else { break }
        }
        tool.console.print("\(count) due now.")
    }

    private func retry(_ id: MailID, _ tool: Tool) async throws -> Bool {
        let now = tool.clock.now
        return try await tool.stores.mails.retry(id, at: now, sendBy: now + MailKind.invitation.patience)
    }
}
