import Identity
import JSON
import OAuthTypes
import Stores

// What waits to be sent by command: mails and ends of sessions differ in what they tell of themselves alone.

/// Shows the mails that wait or were given up.
struct MailListCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["mail", "list"],
        summary: "List the mails that wait or were given up.",
        discussion: """
            A mail that was sent is not kept. Its text is made when it is sent, so there
            is none to show.
            """,
        options: [.json],
        examples: [
            CommandUsage.Example(
                purpose: "Why mails were given up",
                command: "martlet mail list --json | jq -r '.[] | select(.gave_up_at) | .failure'"
            )
        ]
    )

    private let isJSON: Bool
    init(_ arguments: Arguments) throws(UsageError) { isJSON = arguments.has(.json) }
    func run(in tool: Tool) async throws { try await MailOrder.show(in: tool, asJSON: isJSON) }
}

/// Has mails sent again, also those that were given up.
struct MailRetryCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["mail", "retry"],
        summary: "Send mails again at once, also those that were given up.",
        discussion: "Without --id all of them. A running server sends them; links in them are new.",
        options: [id],
        examples: [
            CommandUsage.Example(purpose: "All, once the mail server works again", command: "martlet mail retry")
        ]
    )

    private static let id = Option.once("--id", "ID", "The mail, as `martlet mail list` shows it.")

    private let id: String?
    init(_ arguments: Arguments) throws(UsageError) { id = arguments.value(MailRetryCommand.id) }
    func run(in tool: Tool) async throws { try await MailOrder.retry(id, in: tool) }
}

/// Shows the ends of sessions that clients are still to be told, or could not be.
struct LogoutListCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["logout", "list"],
        summary: "List the ends of sessions that clients were not told yet.",
        discussion: """
            A client with a backchannel_logout_uri is told when a session ends that it
            takes part in. What it has taken is not kept.
            """,
        options: [.json],
        examples: [
            CommandUsage.Example(
                purpose: "Why clients were given up",
                command: "martlet logout list --json | jq -r '.[] | select(.gave_up_at) | .failure'"
            )
        ]
    )

    private let isJSON: Bool
    init(_ arguments: Arguments) throws(UsageError) { isJSON = arguments.has(.json) }
    func run(in tool: Tool) async throws { try await Participation.show(in: tool, asJSON: isJSON) }
}

/// Has clients told again, also those that were given up.
struct LogoutRetryCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["logout", "retry"],
        summary: "Tell clients of ended sessions at once, also those that were given up.",
        discussion: "Without --id all of them. A running server tells them.",
        options: [id],
        examples: [
            CommandUsage.Example(purpose: "All, once the client answers again", command: "martlet logout retry")
        ]
    )

    private static let id = Option.once("--id", "ID", "The notice, as `martlet logout list` shows it.")

    private let id: String?
    init(_ arguments: Arguments) throws(UsageError) { id = arguments.value(LogoutRetryCommand.id) }
    func run(in tool: Tool) async throws { try await Participation.retry(id, in: tool) }
}
