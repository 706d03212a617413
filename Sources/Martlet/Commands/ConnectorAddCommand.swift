import Federation
import Identity
import JSON
import OAuthTypes
import SQLStores
import Stores

/// Sets a connector up.
struct ConnectorAddCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["connector", "add"],
        summary: "Let people sign in with an account that they have elsewhere.",
        discussion: """
            With a preset, an id and a secret of the provider are enough; some also need the
            tenant, the part of the provider's addresses that is your own. There are presets
            for \(Preset.all.map(\.name).prefix(7).joined(separator: ", ")),
            \(Preset.all.map(\.name).dropFirst(7).joined(separator: ", ")). Without one, a file of
            settings says everything; README.md lists them.

            The secret is read from standard input, or from a file. It is stored sealed under
            the master key. Register this redirect URI at the provider, with your issuer:
                https://ISSUER/federation/ID/callback
            A running server has the button within two seconds.

            With --kind ldap it is a directory, such as Active Directory or OpenLDAP, in which
            passwords are looked up: it has no button, its people type their address and the
            password that they have there. The settings must name hosts, domains and base; the
            secret is the password of the account that searches (bind_dn).
            """,
        operand: .connectorID,
        options: [.connectorID, preset, kind, name, clientID, tenant, settings, secretFile, position, .json],
        examples: [
            CommandUsage.Example(
                purpose: "Google",
                command: "martlet connector add google --preset google \\\n"
                    + "      --client-id 1234.apps.googleusercontent.com < google.secret"
            ),
            CommandUsage.Example(
                purpose: "Any provider of OpenID Connect",
                command: "echo '{\"issuer\":\"https://login.example.com\"}' > example.json\n"
                    + "  martlet connector add example --settings example.json --client-id martlet \\\n"
                    + "      --name \"Example\" < example.secret"
            ),
            CommandUsage.Example(
                purpose: "Active Directory",
                command: "cat corp.json\n"
                    + "  {\"hosts\":[\"dc1.corp.example\"],\"domains\":[\"corp.example\"],\n"
                    + "   \"base\":\"dc=corp,dc=example\",\"bind_dn\":\"cn=martlet,dc=corp,dc=example\"}\n"
                    + "  martlet connector add corp --kind ldap --name Corp \\\n"
                    + "      --settings corp.json < corp.secret"
            ),
        ]
    )

    static let preset = Option.once("--preset", "NAME", "The provider.")
    static let kind = Option.once("--kind", "KIND", "oidc, oauth2 or ldap; oidc unless the preset says another.")
    static let name = Option.once("--name", "NAME", "What people read on the button.")
    static let clientID = Option.once("--client-id", "ID", "Who we are at the provider.")
    static let tenant = Option.once("--tenant", "NAME", "Your own part of the provider's addresses.")
    static let settings = Option.once("--settings", "FILE", "A JSON object of settings.")
    static let secretFile = Option.once("--secret-file", "FILE", "The file that holds the secret, whole.")
    static let position = Option.once("--position", "NUMBER", "Its place among the buttons; the least comes first.")

    static let schema = SQLStorage.SchemaPolicy.begin

    private let arguments: Arguments

    init(_ arguments: Arguments) throws(UsageError) {
        self.arguments = arguments
        _ = try arguments.operand(or: .connectorID)
        let _: [Connector.Kind] = try arguments.choices(ConnectorAddCommand.kind)
        if let text = arguments.value(ConnectorAddCommand.position), Int(text) == nil {
            throw UsageError("--position takes a whole number", in: arguments.usage.words)
        }
    }

    func run(in tool: Tool) async throws {
        var draft = ConnectorDraft(id: try arguments.operand(or: .connectorID))
        let kinds: [Connector.Kind] = try arguments.choices(ConnectorAddCommand.kind)
        draft.kind = kinds.first
        draft.preset = arguments.value(ConnectorAddCommand.preset)
        draft.name = arguments.value(ConnectorAddCommand.name)
        draft.position = arguments.value(ConnectorAddCommand.position).flatMap { Int($0) }
        draft.secretFile = arguments.value(ConnectorAddCommand.secretFile)
        if let path = arguments.value(ConnectorAddCommand.settings) {
            guard let object = try ConnectorAddCommand.document(path).object else {
                throw CommandFailure(.badData, "\(Console.visible(path)) holds no JSON object")
            }
            draft.settings = object
        }
        for (option, member) in [(ConnectorAddCommand.clientID, "client_id"), (ConnectorAddCommand.tenant, "tenant")] {
            if let text = arguments.value(option) { draft.settings[member] = .string(text) }
        }
        let needsSecret =
            if draft.kind == .ldap {
                draft.settings["bind_dn"] != nil
            } else {
                draft.settings["client_authentication"]?.string != "none"
            }
        if draft.secretFile == nil, needsSecret {
            draft.secret = try tool.console.readSecret("Secret of the connector")
        }
        ProcessMemory.hide()
        let connector = try draft.connector(
            over: nil, sealing: { try tool.configuration.requireMasterKey() }, at: tool.clock.now)
        try ConnectorRivals.check([connector], among: try await tool.stores.connectors.list())
        guard try await tool.stores.connectors.insert(connector) else {
            throw CommandFailure(
                "there is a connector \(connector.id) already; `martlet connector apply` changes it")
        }
        try await tool.note(.connectorAdded, details: ["connector": connector.id.rawValue])
        connector.show(on: tool, isJSON: arguments.has(.json))
    }

    /// A JSON document of a small file.
    static func document(_ path: String) throws(CommandFailure) -> JSONValue {
        let bytes: [UInt8]
        do throws(SmallFile.Failure) {
            bytes = try SmallFile.read(path, limit: 256 * 1024).bytes
        } catch {
            throw CommandFailure("\(Console.visible(path)) cannot be read: \(error)")
        }
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            let line = 1 + bytes.prefix(error.offset).count { $0 == UInt8(ascii: "\n") }
            throw CommandFailure(
                .badData, "\(Console.visible(path)) holds no JSON: line \(line): \(error.reason.words)")
        }
    }
}

extension JSONError.Reason {
    /// What is wrong, for people who wrote the text.
    fileprivate var words: String {
        switch self {
        case .unexpectedEnd: "it ends too early"
        case .unexpectedByte: "something stands there that JSON does not have, such as a comma too many"
        case .trailingContent: "more follows behind the end"
        case .byteOrderMark: "it begins with a byte order mark"
        case .invalidUTF8: "it is no UTF-8"
        case .controlCharacter: "a text has a control character, such as the end of the line"
        case .invalidEscape, .loneSurrogate, .noncharacter: "a text has an escape that JSON does not have"
        case .invalidNumber, .numberOutOfRange: "a number is none"
        case .duplicateName: "a name comes twice"
        case .tooDeep, .tooLong: "it is too large"
        case .notAnObject: "it is no object"
        }
    }
}

extension Option {
    static let connectorID = once("--id", "ID", "The connector's id.")
}

extension CommandUsage.Operand {
    static let connectorID = CommandUsage.Operand(name: "ID", summary: "The connector's id; --id does the same.")
}
