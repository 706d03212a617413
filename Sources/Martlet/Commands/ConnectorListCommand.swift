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
        tool.console.show(
            connectors, asJSON: isJSON,
            columns: [
                "ID": \.id.rawValue, "NAME": \.name, "KIND": \.kind.rawValue, "PRESET": { $0.preset ?? "-" },
                "STATE": { $0.isEnabled ? "enabled" : "disabled" },
            ]
        ) { $0.write(to: &$1) }
    }
}
