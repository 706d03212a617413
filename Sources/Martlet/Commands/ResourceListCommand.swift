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
        guard !isJSON else {
            tool.console.print { writer in
                writer.array { writer in
                    for resource in resources { writer.element { resource.write(to: &$0) } }
                }
            }
            return
        }
        var table = TextTable("RESOURCE", "NAME", "TOKENS", "CLIENTS", "SCOPES")
        for resource in resources {
            table.add(
                resource.id.rawValue,
                resource.name,
                resource.format.rawValue,
                resource.clients.isEmpty ? "any" : resource.clients.map(\.rawValue).sorted().joined(separator: " "),
                resource.scopes.description
            )
        }
        tool.console.print(table.text)
    }
}
