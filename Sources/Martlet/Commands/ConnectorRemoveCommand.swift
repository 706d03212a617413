import Identity
import OAuthTypes
import Stores

/// Removes a connector.
struct ConnectorRemoveCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["connector", "remove"],
        summary: "Remove a connector with every link to it, for good.",
        discussion: """
            Whoever has no other way in gets one by the link of a forgotten password; the
            command says how many they are. To take a connector out of use for a while, disable
            it: then the links stay.
            """,
        operand: .connectorID,
        options: [.connectorID],
        examples: [CommandUsage.Example(purpose: "One", command: "martlet connector remove google")]
    )

    private let id: String

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .connectorID)
    }

    func run(in tool: Tool) async throws {
        // Counted while the links are there.
        let stranded = await tool.stranded(by: ConnectorID(rawValue: id))
        guard try await tool.stores.connectors.remove(ConnectorID(rawValue: id)) else {
            throw CommandFailure.noConnector(id)
        }
        try await tool.note(.connectorRemoved, details: ["connector": id])
        tool.console.print("Removed connector \(Console.visible(id)).")
        if let sentence = stranded?.sentence { tool.console.print(sentence) }
    }
}
