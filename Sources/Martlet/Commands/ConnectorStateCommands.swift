import Identity
import OAuthTypes
import Stores

/// Lets people sign in by a connector again.
struct ConnectorEnableCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["connector", "enable"], summary: "Let people sign in by a connector again.", operand: .connectorID,
        options: [.connectorID],
        examples: [CommandUsage.Example(purpose: "One", command: "martlet connector enable google")])

    private let id: String

    init(_ arguments: Arguments) throws(UsageError) { id = try arguments.operand(or: .connectorID) }

    func run(in tool: Tool) async throws {
        try await tool.bring(id, to: .enabled)
        tool.console.print("Enabled connector \(Console.visible(id)).")
    }
}

/// Lets nobody sign in by a connector.
struct ConnectorDisableCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["connector", "disable"],
        summary: "Let nobody sign in by a connector; links to it stay.",
        discussion: """
            Nobody signs in by it any more, and whoever is under way comes back in vain. Who is
            signed in stays so, unless --end-sessions ends every session that began by it: then
            clients are told as at any sign-out, and keep what they got with offline_access. Of a
            directory nothing says which sessions began by it: all of its people are signed out.
            """,
        operand: .connectorID,
        options: [.connectorID, endSessions],
        examples: [
            CommandUsage.Example(purpose: "One", command: "martlet connector disable google"),
            CommandUsage.Example(
                purpose: "A provider that was broken into", command: "martlet connector disable google --end-sessions"),
        ])

    private static let endSessions = Option.flag("--end-sessions", "End the sessions that began by it as well.")

    private let id: String
    private let endsSessions: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .connectorID)
        endsSessions = arguments.has(ConnectorDisableCommand.endSessions)
    }

    func run(in tool: Tool) async throws {
        let connector = try await tool.bring(id, to: .disabled)
        tool.console.print("Disabled connector \(Console.visible(id)).")
        if endsSessions {
            let ended = try await ConnectorSessions(tool.stores, clock: tool.clock).end(by: connector)
            try await tool.note(.sessionsEnded, details: ["connector": id, "count": "\(ended)"])
            tool.console.print(ended == 1 ? "Ended 1 session." : "Ended \(ended) sessions.")
        }
        // What is good to know comes behind what may be urgent.
        if let sentence = await tool.stranded(by: connector.id)?.sentence { tool.console.print(sentence) }
    }
}

/// Whether people sign in by a connector.
private enum ConnectorState: String {
    case enabled, disabled
}

extension Tool {
    /// Brings a connector to a state, and answers what it is then.
    @discardableResult
    fileprivate func bring(_ id: String, to state: ConnectorState) async throws -> Connector {
        guard let old = try await stores.connectors.find(ConnectorID(rawValue: id)) else {
            throw CommandFailure.noConnector(id)
        }
        // Since when it is disabled stays as it is.
        guard old.isEnabled != (state == .enabled) else { return old }
        var connector = old
        connector.disabledAt = state == .enabled ? nil : clock.now
        connector.updatedAt = clock.now
        if state == .enabled { try ConnectorRivals.check([connector], among: try await stores.connectors.list()) }
        try await ConnectorChange(old, by: connector).apply(to: stores)
        try await note(.connectorChanged, details: ["connector": id, "state": state.rawValue])
        return connector
    }

    /// The accounts that nothing but this connector opens; nil, and the operator is told, where they cannot be counted.
    func stranded(by id: ConnectorID) async -> StrandedAccounts? {
        do {
            return StrandedAccounts(count: try await stores.links.countOpened(onlyBy: id))
        } catch {
            console.complain("how many accounts have no other way in could not be counted: \(error)")
            return nil
        }
    }
}

/// Accounts whose last way in is, or will be, gone.
struct StrandedAccounts {
    let count: Int

    /// What to do about them; nil where there are none.
    var sentence: String? {
        guard count > 0 else { return nil }
        let people = count == 1 ? "1 account has" : "\(count) accounts have"
        return people + " no other way in: by “Forgot your password?” their owners set a password, if the server can "
            + "send mail; otherwise do it with `martlet user set-password`."
    }
}
