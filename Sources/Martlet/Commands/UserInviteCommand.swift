import Identity
import OAuthTypes
import Stores

/// Invites somebody to make an account.
struct UserInviteCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["user", "invite"],
        summary: "Invite somebody by mail to make an account.",
        discussion: """
            The mail has a link that works for a week, once; it asks for a name and a
            password. It needs MARTLET_SIGN_UP=open or invitation, and a running server
            with a mail server.
            """,
        options: [.email],
        examples: [
            CommandUsage.Example(purpose: "Ben", command: "martlet user invite --email ben@example.com")
        ]
    )

    private let email: String

    init(_ arguments: Arguments) throws(UsageError) {
        email = try arguments.required(.email)
    }

    func run(in tool: Tool) async throws {
        let mail = try await Invitations(tool.stores, clock: tool.clock, random: tool.random).invite(email)
        try await tool.note(.accountInvited)
        tool.console.print("Ordered mail \(mail.id).")
    }
}
