import Identity
import OAuthTypes
import Stores

/// Lets people sign in by a connector again.
struct ConnectorEnableCommand: ToolCommand {
    static let usage = ConnectorState.enabled.usage("Let people sign in by a connector again.")
    private let id: String
    init(_ arguments: Arguments) throws(UsageError) { id = try arguments.operand(or: .connectorID) }
    func run(in tool: Tool) async throws { try await ConnectorState.enabled.bring(id, in: tool) }
}

/// Lets nobody sign in by a connector.
struct ConnectorDisableCommand: ToolCommand {
    static let usage = ConnectorState.disabled.usage("Let nobody sign in by a connector; links to it stay.")
    private let id: String
    init(_ arguments: Arguments) throws(UsageError) { id = try arguments.operand(or: .connectorID) }
    func run(in tool: Tool) async throws { try await ConnectorState.disabled.bring(id, in: tool) }
}

/// Whether people sign in by a connector.
private enum ConnectorState: String {
    case enabled, disabled

    func usage(_ summary: String) -> CommandUsage {
        let verb = String(rawValue.dropLast())
        return CommandUsage(
            words: ["connector", verb], summary: summary, operand: .connectorID, options: [.connectorID],
            examples: [CommandUsage.Example(purpose: "One", command: "martlet connector \(verb) google")])
    }

    func bring(_ id: String, in tool: Tool) async throws {
        guard var connector = try await tool.stores.connectors.find(ConnectorID(rawValue: id)) else {
            throw CommandFailure.noConnector(id)
        }
        connector.disabledAt = self == .enabled ? nil : tool.clock.now
        connector.updatedAt = tool.clock.now
        if self == .enabled {
            try ConnectorRivals.check([connector], among: try await tool.stores.connectors.list())
        }
        guard try await tool.stores.connectors.replace(connector) else { throw CommandFailure.noConnector(id) }
        try await tool.note(.connectorChanged, details: ["connector": id, "state": rawValue])
        tool.console.print("\(self == .enabled ? "Enabled" : "Disabled") connector \(Console.visible(id)).")
    }
}
