import JSON
import OAuthTypes
import Stores

/// Shows the connectors.
struct ConnectorListCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["connector", "list"],
        summary: "List all connectors, in the order of their buttons.",
        options: [.json],
        examples: [CommandUsage.Example(purpose: "For people", command: "martlet connector list")]
    )

    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        let connectors = try await tool.stores.connectors.list()
        guard !isJSON else {
            tool.console.print { writer in
                writer.array { writer in
                    for connector in connectors { writer.element { connector.write(to: &$0) } }
                }
            }
            return
        }
        var table = TextTable("ID", "NAME", "KIND", "PRESET", "STATE")
        for connector in connectors {
            table.add(
                connector.id.rawValue, connector.name, connector.kind.rawValue, connector.preset ?? "-",
                connector.isEnabled ? "enabled" : "disabled")
        }
        tool.console.print(table.text)
    }
}
