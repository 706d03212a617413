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
        tool.console.show(
            clients, asJSON: isJSON,
            columns: [
                "ID": \.id.rawValue, "NAME": \.name, "KIND": { $0.isPublic ? "public" : "confidential" },
                "GRANTS": {
                    GrantType.allCases.filter($0.grantTypes.contains).map(\.rawValue).joined(separator: " ")
                },
                "SCOPES": \.scopes.description,
            ]
        ) {
            $1.member("client_id", $0.id.rawValue)
            $0.writeMetadata(to: &$1)
        }
    }
}
