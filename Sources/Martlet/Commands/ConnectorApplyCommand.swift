import Identity
import JSON
import OAuthTypes
import SQLStores
import Stores

/// Brings connectors to what a file says.
struct ConnectorApplyCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["connector", "apply"],
        summary: "Set connectors up, or change them, as a file says.",
        discussion: """
            The file is a JSON array of objects: id, kind, preset, name, settings, secret_file,
            position and enabled; what `connector show --json` prints is such an object. What
            has the id of a connector takes its place; of what is left out, name, secret, place
            and state stay as they are, and settings become none. A secret is never in the
            file: secret_file names one that holds it, from the folder that you are in.
            Connectors that the file does not name stay. Everything is checked before anything
            is changed; then one after the other is.
            """,
        operand: CommandUsage.Operand(name: "FILE", summary: "The file."),
        examples: [
            CommandUsage.Example(
                purpose: "One connector",
                command: "echo '[{\"id\":\"github\",\"preset\":\"github\",\"secret_file\":\"github.secret\",\n"
                    + "      \"settings\":{\"client_id\":\"Ov23li0123\"}}]' > connectors.json\n"
                    + "  martlet connector apply connectors.json"
            )
        ]
    )

    static let schema = SQLStorage.SchemaPolicy.begin

    private let path: String

    init(_ arguments: Arguments) throws(UsageError) {
        guard let path = arguments.operand else { throw UsageError("FILE is missing", in: arguments.usage.words) }
        self.path = path
    }

    func run(in tool: Tool) async throws {
        guard let list = try ConnectorAddCommand.document(path).array else {
            throw CommandFailure(.badData, "\(Console.visible(path)) holds no JSON array")
        }
        ProcessMemory.hide()
        var changes: [(new: Connector, isNew: Bool)] = []
        for value in list {
            let draft = try ConnectorDraft(value)
            let old = try await tool.stores.connectors.find(ConnectorID(rawValue: draft.id))
            let connector = try draft.connector(
                over: old, sealing: { try tool.configuration.requireMasterKey() }, at: tool.clock.now)
            guard !changes.contains(where: { $0.new.id == connector.id }) else {
                throw CommandFailure(.badData, "connector \(connector.id) stands there twice")
            }
            changes.append((connector, old == nil))
        }
        try ConnectorRivals.check(changes.map(\.new), among: try await tool.stores.connectors.list())
        if changes.isEmpty { tool.console.print("\(Console.visible(path)) names no connector.") }
        for (connector, isNew) in changes {
            let isDone =
                if isNew {
                    try await tool.stores.connectors.insert(connector)
                } else {
                    try await tool.stores.connectors.replace(connector)
                }
            guard isDone else { throw CommandFailure("somebody else has changed connector \(connector.id) meanwhile") }
            try await tool.note(
                isNew ? .connectorAdded : .connectorChanged, details: ["connector": connector.id.rawValue])
            tool.console.print("\(isNew ? "Added" : "Changed") connector \(connector.id).")
        }
    }
}
