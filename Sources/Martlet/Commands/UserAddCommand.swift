import Identity
import JSON
import OAuthTypes
import SQLStores
import Stores

/// Makes an account.
struct UserAddCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["user", "add"],
        summary: "Make an account.",
        discussion: """
            Without --password-stdin the account has no password: nobody can sign in to it
            until `martlet user set-password` gives it one. It is judged as those that
            people choose, and stored as an Argon2id hash.
            """,
        options: [.email, name, verified, .passwordFromInput, .weakPassword, .json],
        examples: [
            CommandUsage.Example(
                purpose: "The password from a file",
                command: "martlet user add --email ada@example.com --name \"Ada Lovelace\" --verified \\\n"
                    + "      --password-stdin --json < password.txt"
            )
        ]
    )

    /// Also before the first start.
    static let schema = SQLStorage.SchemaPolicy.begin

    private static let name = Option.once("--name", "NAME", "The full name.")
    private static let verified = Option.flag("--verified", "The address is known to belong to the person.")

    private let email: String
    private let name: String
    private let isVerified: Bool
    private let hasPassword: Bool
    private let mayBeWeak: Bool
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        email = try arguments.required(.email)
        name = arguments.value(UserAddCommand.name) ?? ""
        isVerified = arguments.has(UserAddCommand.verified)
        hasPassword = arguments.has(.passwordFromInput)
        mayBeWeak = arguments.has(.weakPassword)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        let password = hasPassword ? try tool.console.readSecret("Password for \(Console.visible(email))") : nil
        let isJudged = hasPassword && !mayBeWeak
        let user = try await (isJudged ? tool.judgedAccounts() : tool.accounts()).add(
            email: email,
            name: name,
            isVerified: isVerified,
            password: password,
            demanding: isJudged ? .everything(.passwordAlone) : .length
        )
        try await tool.note(.accountAdded, of: user.id)
        if isJSON {
            tool.console.print { writer in writer.object { user.write(to: &$0) } }
        } else {
            tool.console.print("Made account \(user.id) for \(user.email).")
        }
    }
}
