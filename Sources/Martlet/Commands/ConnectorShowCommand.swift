import OAuthTypes
import Stores

/// Shows one connector.
struct ConnectorShowCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["connector", "show"],
        summary: "Show a connector; its secret is sealed and is not shown.",
        operand: .connectorID,
        options: [.connectorID, .json],
        examples: [CommandUsage.Example(purpose: "For people", command: "martlet connector show google")]
    )

    private let id: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .connectorID)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        guard let connector = try await tool.stores.connectors.find(ConnectorID(rawValue: id)) else {
            throw CommandFailure.noConnector(id)
        }
        connector.show(on: tool, isJSON: isJSON)
    }
}
