import JSON
import OAuthTypes
import Stores

/// Shows one client.
struct ClientShowCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["client", "show"],
        summary: "Show a client; its secret is not stored and cannot be shown.",
        operand: .clientID,
        options: [.clientID, .json],
        examples: [CommandUsage.Example(purpose: "For people", command: "martlet client show shop")]
    )

    private let id: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .clientID)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        guard let client = try await tool.stores.clients.find(ClientID(argument: id)) else {
            throw CommandFailure.noClient(id)
        }
        if isJSON {
            tool.console.print { writer in
                writer.object {
                    $0.member("client_id", client.id.rawValue)
                    client.writeMetadata(to: &$0)
                }
            }
        } else {
            tool.console.print(client.description(secret: nil))
        }
    }
}
