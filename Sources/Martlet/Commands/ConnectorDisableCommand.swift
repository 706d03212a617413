import Identity
import OAuthTypes
import Stores

/// Let nobody sign in by a connector.
struct ConnectorDisableCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["connector", "disable"],
        summary: "Let nobody sign in by a connector; links to it stay.",
        operand: .connectorID,
        options: [.connectorID],
        examples: [CommandUsage.Example(purpose: "One", command: "martlet connector disable google")]
    )

    private let id: String

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .connectorID)
    }

    func run(in tool: Tool) async throws {
        guard var connector = try await tool.stores.connectors.find(ConnectorID(rawValue: id)) else {
            throw CommandFailure.noConnector(id)
        }
        connector.disabledAt = tool.clock.now
        connector.updatedAt = tool.clock.now
        guard try await tool.stores.connectors.replace(connector) else { throw CommandFailure.noConnector(id) }
        try await tool.note(.connectorChanged, details: ["connector": id, "state": "disabled"])
        tool.console.print("Disabled connector \(Console.visible(id)).")
    }
}
