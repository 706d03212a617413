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
        if isJSON { try await printJSON(tool) } else { try await printTable(tool) }
    }

    /// Page by page, so that any number of accounts fits into memory.
    private func printJSON(_ tool: Tool) async throws {
        var separator = "["
        try await forEachPage(tool.stores.users) { page in
            var writer = JSONWriter(capacity: 256 * page.count)
            for user in page {
                writer.bytes += separator.utf8
                separator = ",\n"
                writer.object { user.write(to: &$0) }
            }
            tool.console.write(writer.bytes)
        }
        tool.console.print(separator == "[" ? "[]" : "]")
    }

    private func printTable(_ tool: Tool) async throws {
        var table = TextTable("EMAIL", "NAME", "VERIFIED", "PASSWORD", "STATE", "SUB")
        try await forEachPage(tool.stores.users) { page in
            for user in page {
                table.add(
                    user.email.rawValue,
                    user.name,
                    user.isEmailVerified ? "yes" : "no",
                    user.passwordHash == nil ? "no" : "yes",
                    user.disabledAt == nil ? "active" : "disabled",
                    user.id.rawValue
                )
            }
        }
        tool.console.print(table.text)
    }

    private func forEachPage(_ users: any UserStore, _ body: ([User]) -> Void) async throws {
        var last: Email?
        while true {
            let page = try await users.list(after: last, limit: UserListCommand.page)
            body(page)
            guard page.count == UserListCommand.page else { return }
            last = page.last?.email
        }
    }
}
