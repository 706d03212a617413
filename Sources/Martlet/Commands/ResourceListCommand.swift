import JSON
import OAuthTypes
import Stores

/// Shows the resources.
struct ResourceListCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["resource", "list"],
        summary: "List all configured resources, by identifier.",
        options: [.json],
        examples: [
            CommandUsage.Example(
                purpose: "The identifiers", command: "martlet resource list --json | jq -r '.[].resource'")
        ]
    )

    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        let resources = try await tool.stores.resources.list()
        tool.console.show(
            resources, asJSON: isJSON,
            columns: [
                "RESOURCE": \.id.rawValue, "NAME": \.name, "TOKENS": \.format.rawValue,
                "CLIENTS": {
                    $0.clients.isEmpty ? "any" : $0.clients.map(\.rawValue).sorted().joined(separator: " ")
                },
                "SCOPES": \.scopes.description,
            ]
        ) { $0.write(to: &$1) }
    }
}
