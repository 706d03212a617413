import Identity
import OAuthTypes
import Stores

/// Orders a mail that only says that it arrived.
struct MailTestCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["mail", "test"],
        summary: "Send a mail that only says that it arrived.",
        discussion: "A running server sends it; `martlet mail list` tells why it could not.",
        options: [to],
        examples: [
            CommandUsage.Example(purpose: "To yourself", command: "martlet mail test --to ada@example.com")
        ]
    )

    private static let to = Option.once("--to", "ADDRESS", "Whom it goes to.")

    private let to: String

    init(_ arguments: Arguments) throws(UsageError) {
        to = try arguments.required(MailTestCommand.to)
    }

    func run(in tool: Tool) async throws {
        guard let email = Email(to) else { throw CommandFailure("\(Console.visible(to)) is no e-mail address") }
        let mail = MailOrder(.test, to: email, at: tool.clock.now, random: tool.random)
        try await tool.stores.mails.order(mail)
        tool.console.print("Ordered mail \(mail.id).")
    }
}
