import JSON
import OAuthTypes
import Stores

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

    /// Notices read at a time.
    static let page = 500

    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        var notices: [Participation] = []
        while true {
            let page = try await tool.stores.participations.list(after: notices.last?.id, limit: LogoutListCommand.page)
            notices += page
            guard page.count == LogoutListCommand.page else { break }
        }
        notices.sort { ($0.endedAt ?? $0.createdAt) < ($1.endedAt ?? $1.createdAt) }
        if isJSON {
            tool.console.print { writer in
                writer.array { writer in
                    for notice in notices { writer.element { notice.write(to: &$0) } }
                }
            }
        } else {
            var table = TextTable("ID", "CLIENT", "ENDED", "STATE", "TRIES", "FAILURE")
            for notice in notices {
                table.add(
                    notice.id.rawValue, notice.clientID.rawValue, notice.endedAt?.internetDate ?? "",
                    notice.gaveUpAt == nil ? "waiting" : "given up", "\(notice.tries)", notice.failure ?? "")
            }
            tool.console.print(table.text)
        }
    }
}

extension Participation {
    /// The members of one notice in a list.
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("id", id.rawValue)
        writer.member("client_id", clientID.rawValue)
        writer.member("user_id", userID?.rawValue)
        writer.member("ended_at", endedAt?.internetDate)
        writer.member("due_at", dueAt?.internetDate)
        writer.member("attempts", tries)
        writer.member("failure", failure)
        writer.member("gave_up_at", gaveUpAt?.internetDate)
    }
}
