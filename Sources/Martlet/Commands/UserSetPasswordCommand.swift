import Identity

/// Gives an account another password.
struct UserSetPasswordCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["user", "set-password"],
        summary: "Give an account a new password.",
        discussion: """
            The password is read from standard input, also without --password-stdin. Every
            session of the account ends, and its refresh tokens are revoked.
            """,
        operand: .email,
        options: [.email, .passwordFromInput, .json],
        examples: [
            CommandUsage.Example(
                purpose: "Asked for at the terminal", command: "martlet user set-password ada@example.com")
        ]
    )

    private let email: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        email = try arguments.operand(or: .email)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        let password = try tool.console.readSecret("New password for \(Console.visible(email))")
        try await tool.accounts().setPassword(password, of: email)
        try await tool.note(.passwordSet, ofEmail: email)
        try await tool.reportAccount(
            email, asJSON: isJSON, "The password is set; sessions and refresh tokens have ended.")
    }
}
