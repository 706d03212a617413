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
            is changed; then one after the other is. What somebody else has changed meanwhile
            stays as they left it: the command ends there with 75, and can be run again.
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
        var changes: [(new: Connector, old: Connector?)] = []
        for value in list {
            let draft = try ConnectorDraft(value)
            let old = try await tool.stores.connectors.find(ConnectorID(rawValue: draft.id))
            let connector = try draft.connector(
                over: old, sealing: { try tool.configuration.requireMasterKey() }, at: tool.clock.now)
            guard !changes.contains(where: { $0.new.id == connector.id }) else {
                throw CommandFailure(.badData, "connector \(connector.id) stands there twice")
            }
            changes.append((connector, old))
        }
        try ConnectorRivals.check(changes.map(\.new), among: try await tool.stores.connectors.list())
        if changes.isEmpty { tool.console.print("\(Console.visible(path)) names no connector.") }
        for (connector, old) in changes {
            if let old {
                try await ConnectorChange(old, by: connector).apply(to: tool.stores)
            } else if try await !tool.stores.connectors.insert(connector) {
                throw CommandFailure.changedMeanwhile(connector.id)
            }
            try await tool.note(
                old == nil ? .connectorAdded : .connectorChanged, details: ["connector": connector.id.rawValue])
            tool.console.print("\(old == nil ? "Added" : "Changed") connector \(connector.id).")
        }
    }
}

/// One connector in the place of another that was read, unless somebody else has changed or removed that meanwhile.
struct ConnectorChange {
    let old: Connector
    let new: Connector

    init(_ old: Connector, by new: Connector) { (self.old, self.new) = (old, new) }

    func apply(to stores: Storage) async throws {
        switch try await stores.connectors.replace(old, by: new) {
        case .replaced: break
        case .changed: throw CommandFailure.changedMeanwhile(old.id)
        case .unknown: throw CommandFailure.noConnector(old.id.rawValue)
        }
    }
}

extension CommandFailure {
    static func changedMeanwhile(_ id: ConnectorID) -> CommandFailure {
        CommandFailure(
            .conflict,
            "somebody else has changed connector \(id) meanwhile, and it stays as they left it: look at it "
                + "(`martlet connector show \(id)`), then try again")
    }
}
