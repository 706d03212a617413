import Identity
import OAuthTypes
import Stores

/// Gives an account another password.
struct UserSetPasswordCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["user", "set-password"],
        summary: "Give an account a new password.",
        discussion: """
            The password is read from standard input, also without --password-stdin, and
            judged as those that people choose. Every
            session of the account ends, and its refresh tokens are revoked.
            """,
        operand: .email,
        options: [.email, .passwordFromInput, .weakPassword, .json],
        examples: [
            CommandUsage.Example(
                purpose: "Asked for at the terminal", command: "martlet user set-password ada@example.com")
        ]
    )

    private let email: String
    private let mayBeWeak: Bool
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        email = try arguments.operand(or: .email)
        mayBeWeak = arguments.has(.weakPassword)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        let password = try tool.console.readSecret("New password for \(Console.visible(email))")
        if mayBeWeak {
            try await tool.accounts().setPassword(password, of: email)
        } else {
            try await tool.judgedAccounts().setPassword(
                password, of: email, demanding: .everything(tool.factors(of: email)))
        }
        try await tool.note(.passwordSet, ofEmail: email)
        try await tool.reportAccount(
            email, asJSON: isJSON, "The password is set; sessions and refresh tokens have ended.")
    }
}

extension Tool {
    /// What is asked for at the sign-in of an account.
    fileprivate func factors(of email: String) async throws -> PasswordOwner.Factors {
        guard let address = Email(email), let user = try await stores.users.find(address) else {
            throw CommandFailure(Accounts.Refusal.unknown)
        }
        return try await PasswordOwner(of: user, in: stores).factors
    }
}
