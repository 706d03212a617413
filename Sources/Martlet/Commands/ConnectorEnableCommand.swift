import Identity
import OAuthTypes
import Stores

/// Let people sign in by a connector again.
struct ConnectorEnableCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["connector", "enable"],
        summary: "Let people sign in by a connector again.",
        operand: .connectorID,
        options: [.connectorID],
        examples: [CommandUsage.Example(purpose: "One", command: "martlet connector enable google")]
    )

    private let id: String

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .connectorID)
    }

    func run(in tool: Tool) async throws {
        guard var connector = try await tool.stores.connectors.find(ConnectorID(rawValue: id)) else {
            throw CommandFailure.noConnector(id)
        }
        connector.disabledAt = nil
        connector.updatedAt = tool.clock.now
        guard try await tool.stores.connectors.replace(connector) else { throw CommandFailure.noConnector(id) }
        try await tool.note(.connectorChanged, details: ["connector": id, "state": "enabled"])
        tool.console.print("Enabled connector \(Console.visible(id)).")
    }
}
