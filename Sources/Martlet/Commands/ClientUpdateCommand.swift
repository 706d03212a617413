import AuthorizationServer
import Identity
import JOSE
import JSON
import OAuthTypes
import Stores

/// Changes what a client has registered.
struct ClientUpdateCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["client", "update"],
        summary: "Change what a client has registered; what is not named stays.",
        discussion: """
            An option replaces all values of its kind. A running server knows the change
            within two seconds; what it has issued stays as it is. A client that registered
            itself may no more change what it has registered from then on, or it would undo
            this: --set martlet_managed=false lets it again.
            """,
        operand: .clientID,
        options: [
            .clientID, name, ClientAddCommand.redirectURI, ClientAddCommand.postLogoutRedirectURI,
            ClientAddCommand.grant, ClientAddCommand.scope, .metadataFile, .metadataMember, .json,
        ],
        examples: [
            CommandUsage.Example(
                purpose: "Another algorithm for its ID tokens",
                command: "martlet client update shop --set id_token_signed_response_alg=RS256"
            ),
            CommandUsage.Example(
                purpose: "A client that cannot do PKCE",
                command: "martlet client update shop --set 'martlet_compatibility=[\"pkce_optional\"]'"
            ),
        ]
    )

    static let name = Option.once("--name", "NAME", "What people read on the consent page.")

    private let id: String
    private let patch: MetadataPatch
    private let options: JSONObject
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .clientID)
        patch = try MetadataPatch(arguments)
        isJSON = arguments.has(.json)
        var options = JSONObject()
        if let name = arguments.value(ClientUpdateCommand.name) { options["client_name"] = .string(name) }
        func list(_ option: Option, _ member: String) {
            let values = arguments.values(option)
            if !values.isEmpty { options[member] = .array(values.map { .string($0) }) }
        }
        list(ClientAddCommand.redirectURI, "redirect_uris")
        list(ClientAddCommand.postLogoutRedirectURI, "post_logout_redirect_uris")
        list(ClientAddCommand.grant, "grant_types")
        let scopes = arguments.values(ClientAddCommand.scope)
        if !scopes.isEmpty { options["scope"] = .string(scopes.joined(separator: " ")) }
        self.options = options
    }

    func run(in tool: Tool) async throws {
        guard let client = try await tool.stores.clients.find(ClientID(argument: id)) else {
            throw CommandFailure.noClient(id)
        }
        var changes = try patch.members().patched(with: options)
        if client.isSelfRegistered, changes["martlet_managed"] == nil { changes["martlet_managed"] = true }
        let members = ClientDocument(client).object.patched(with: changes)
        let algorithms = try await tool.signingAlgorithms()
        let changed = try CommandFailure.checking { () throws(RegistrationRefusal) in
            let document = try ClientDocument(members)
            try document.check(signing: algorithms)
            return try client.described(by: document)
        }
        guard try await tool.stores.clients.replace(changed) else {
            throw CommandFailure("client \(client.id) was changed by somebody else just now; look at it and try again")
        }
        try await tool.note(.clientChanged, with: client.id)
        if isJSON {
            tool.console.print { writer in
                writer.object {
                    $0.member("client_id", changed.id.rawValue)
                    changed.writeMetadata(to: &$0)
                }
            }
        } else {
            tool.console.print(changed.description(secret: nil))
        }
    }
}

extension Tool {
    /// What ID tokens can be signed with; none where the server has not made its keys yet.
    func signingAlgorithms() async throws -> [SignatureAlgorithm] {
        try await stores.keys.list().filter { $0.state == .current }
            .compactMap { SignatureAlgorithm(rawValue: $0.algorithm) }
    }
}
