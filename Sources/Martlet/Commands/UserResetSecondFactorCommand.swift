import Identity
import OAuthTypes
import Stores

/// Takes the second factor off an account whose owner has lost it.
struct UserResetSecondFactorCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["user", "reset-second-factor"],
        summary: "Switch two-step verification off for somebody who lost it.",
        discussion: """
            The password alone opens the account then, until its owner sets an app up again or adds a
            passkey; passkeys, recovery codes and remembered browsers are forgotten, codes by mail are
            off, and every session ends. Make sure first that it is the owner who asks.
            """,
        operand: .email,
        options: [.email, .json],
        examples: [
            CommandUsage.Example(
                purpose: "A phone and the recovery codes are gone",
                command: "martlet user reset-second-factor ada@example.com")
        ]
    )

    private let email: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        email = try arguments.operand(or: .email)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        guard let address = Email(email), let user = try await tool.stores.users.find(address) else {
            throw CommandFailure(Accounts.Refusal.unknown)
        }
        // First: nobody who is signed in adds another one in between.
        _ = try await tool.stores.sessions.endAll(of: user.id, except: nil, at: tool.clock.now)
        let hadApp = try await tool.stores.secondFactors.authenticators.remove(user.id, unlessFrozenAt: nil)
        let passkeys = try await tool.stores.secondFactors.passkeys.removeAll(of: user.id)
        let hadMailCodes =
            user.mailCodes != .off
            ? try await tool.stores.users.changeMailCodes(
                of: user.id, from: user.mailCodes, to: .off, at: tool.clock.now)
            : false
        try await tool.note(.secondFactorReset, of: user.id)
        try await tool.reportAccount(
            email, asJSON: isJSON,
            hadApp || hadMailCodes || passkeys > 0 ? "Two-step verification is off." : "It was off already.")
    }
}
