import Identity
import JSON
import OAuthTypes
import Stores

/// Removes a client.
struct ClientRemoveCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["client", "remove"],
        summary: "Remove a client with its codes, grants and consents.",
        discussion: """
            A running server forgets it within two seconds. Access tokens that it holds are
            valid until they expire.
            """,
        operand: .clientID,
        options: [.clientID, .json],
        examples: [
            CommandUsage.Example(purpose: "An application that is no more", command: "martlet client remove shop")
        ]
    )

    private let id: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .clientID)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        let client = try ClientID(argument: id)
        guard try await tool.stores.clients.remove(client) else { throw CommandFailure.noClient(id) }
        try await tool.note(.clientRemoved, with: client)
        if isJSON {
            tool.console.print { writer in
                writer.object {
                    $0.member("client_id", id)
                    $0.member("removed", true)
                }
            }
        } else {
            tool.console.print("Removed client \(Console.visible(id)).")
        }
    }
}
