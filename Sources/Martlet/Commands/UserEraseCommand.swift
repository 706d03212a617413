import Glibc
import Identity
import JSON
import OAuthTypes
import Stores

/// Removes everything of a person.
struct UserEraseCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["user", "erase"],
        summary: "Remove an account with everything that belongs to it, for good.",
        discussion: """
            Sessions and grants end, factors, consents and mails that wait are removed, and the
            key of the person is destroyed: security events on them stay, because the log must
            not have gaps, but nobody can read any more what is sealed in them. Access tokens
            that are out there are valid until they expire.

            Backups of before hold it all until they are gone: whoever restores one erases
            again.
            """,
        operand: .email,
        options: [.email, yes, .json],
        examples: [
            CommandUsage.Example(purpose: "Without being asked", command: "martlet user erase ada@example.com --yes")
        ]
    )

    private static let yes = Option.flag("--yes", "Do not ask.")

    private let email: String
    private let isAgreed: Bool
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        email = try arguments.operand(or: .email)
        isAgreed = arguments.has(UserEraseCommand.yes)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        guard let address = Email(email), let user = try await tool.stores.users.find(address) else {
            throw CommandFailure(Accounts.Refusal.unknown)
        }
        if !isAgreed {
            guard isatty(0) == 1 else {
                throw CommandFailure(.usage, "nobody is there to be asked; --yes erases without a question")
            }
            let typed = tool.console.readLine(
                "Everything of \(Console.visible(user.email.rawValue)) is removed for good. "
                    + "Type the address to go on: ")
            guard Email(typed) == user.email else {
                throw CommandFailure("that is another address; nothing was changed")
            }
        }
        let audit = AuditTrail(tool.stores, masterKey: nil, clock: tool.clock, random: tool.random)
        guard try await Erasure(tool.stores, audit: audit).erase(user.id, by: tool.administrator, from: .here) else {
            throw CommandFailure(Accounts.Refusal.unknown)
        }
        if isJSON {
            tool.console.print { writer in
                writer.object {
                    $0.member("sub", user.id.rawValue)
                    $0.member("erased", true)
                }
            }
        } else {
            tool.console.print("The account is gone; the log knows it as \(Console.visible(user.id.rawValue)).")
        }
    }
}
