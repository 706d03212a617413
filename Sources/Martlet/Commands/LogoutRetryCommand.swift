import Identity
import OAuthTypes
import Stores

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

    init(_ arguments: Arguments) throws(UsageError) {
        id = arguments.value(LogoutRetryCommand.id)
    }

    func run(in tool: Tool) async throws {
        let store = tool.stores.participations
        if let id {
            guard try await store.retry(ParticipationID(rawValue: id), at: tool.clock.now) else {
                throw CommandFailure("there is no notice \(Console.visible(id)); the client may have been told")
            }
            return tool.console.print("It is due now.")
        }
        var (count, last) = (0, ParticipationID?.none)
        while true {
            let page = try await store.list(after: last, limit: LogoutListCommand.page)
            for notice in page where try await store.retry(notice.id, at: tool.clock.now) { count += 1 }
            last = page.last?.id
            guard page.count == LogoutListCommand.page else { break }
        }
        tool.console.print("\(count) due now.")
    }
}
