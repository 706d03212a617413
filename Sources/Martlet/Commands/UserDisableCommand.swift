import Identity
import JSON
import OAuthTypes
import Stores

/// Takes an account out of use.
struct UserDisableCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["user", "disable"],
        summary: "Disable an account.",
        discussion: """
            Nobody can sign in to it any more; every session of it ends, and its refresh tokens
            are revoked. Nothing is deleted.
            """,
        operand: .email,
        options: [.email, .json],
        examples: [CommandUsage.Example(purpose: "Somebody has left", command: "martlet user disable ada@example.com")]
    )

    private let email: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        email = try arguments.operand(or: .email)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        try await tool.accounts().disable(email)
        try await tool.note(.accountDisabled, ofEmail: email)
        try await tool.reportAccount(email, asJSON: isJSON, "The account is disabled.")
    }
}

extension Tool {
    /// Says what has become of an account.
    func reportAccount(_ email: String, asJSON isJSON: Bool, _ sentence: String) async throws {
        guard isJSON else { return console.print(sentence) }
        guard let address = Email(email), let user = try await stores.users.find(address) else {
            throw CommandFailure(Accounts.Refusal.unknown)
        }
        console.print { writer in writer.object { user.write(to: &$0) } }
    }
}
