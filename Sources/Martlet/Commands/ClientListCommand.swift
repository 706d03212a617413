import JSON
import OAuthTypes
import Stores

/// Shows the clients.
struct ClientListCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["client", "list"],
        summary: "List all clients, by id.",
        options: [.json],
        examples: [
            CommandUsage.Example(purpose: "The ids", command: "martlet client list --json | jq -r '.[].client_id'")
        ]
    )

    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        let clients = try await tool.stores.clients.list()
        guard !isJSON else {
            tool.console.print { writer in
                writer.array { writer in
                    for client in clients {
                        writer.element {
                            $0.member("client_id", client.id.rawValue)
                            client.writeMetadata(to: &$0)
                        }
                    }
                }
            }
            return
        }
        var table = TextTable("ID", "NAME", "KIND", "GRANTS", "SCOPES")
        for client in clients {
            table.add(
                client.id.rawValue,
                client.name,
                client.isPublic ? "public" : "confidential",
                GrantType.allCases.filter(client.grantTypes.contains).map(\.rawValue).joined(separator: " "),
                client.scopes.description
            )
        }
        tool.console.print(table.text)
    }
}
