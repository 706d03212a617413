import JSON
import OAuthTypes
import Stores

/// Shows the accounts.
struct UserListCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["user", "list"],
        summary: "List all accounts, by e-mail address.",
        options: [.json],
        examples: [
            CommandUsage.Example(
                purpose: "Addresses that nobody has proven",
                command: "martlet user list --json | jq -r '.[] | select(.email_verified | not).email'"
            )
        ]
    )

    /// Accounts read at a time, so that the server has its turns in between.
    private static let page = 500

    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        var users: [User] = []
        while true {
            let page = try await tool.stores.users.list(after: users.last?.email, limit: UserListCommand.page)
            users += page
            guard page.count == UserListCommand.page else { break }
        }
        guard !isJSON else {
            tool.console.print { writer in
                writer.array { writer in
                    for user in users { writer.element { user.write(to: &$0) } }
                }
            }
            return
        }
        var table = TextTable("EMAIL", "NAME", "VERIFIED", "PASSWORD", "STATE", "SUB")
        for user in users {
            table.add(
                user.email.rawValue,
                user.name,
                user.isEmailVerified ? "yes" : "no",
                user.passwordHash == nil ? "no" : "yes",
                user.disabledAt == nil ? "active" : "disabled",
                user.id.rawValue
            )
        }
        tool.console.print(table.text)
    }
}
