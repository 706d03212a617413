import Identity
import OAuthTypes
import Stores

/// Takes an account into use again that was disabled.
struct UserEnableCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["user", "enable"],
        summary: "Let people sign in to a disabled account again.",
        discussion: """
            Password, second factor and what apps were allowed are as before. Sessions and
            refresh tokens that ended when it was disabled stay ended.
            """,
        operand: .email,
        options: [.email, .json],
        examples: [
            CommandUsage.Example(purpose: "It was somebody else", command: "martlet user enable ada@example.com")
        ]
    )

    private let email: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        email = try arguments.operand(or: .email)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        let wasDisabled = try await tool.accounts().enable(email)
        if wasDisabled { try await tool.note(.accountEnabled, ofEmail: email) }
        try await tool.reportAccount(
            email, asJSON: isJSON, wasDisabled ? "The account is enabled." : "It was not disabled.")
    }
}
