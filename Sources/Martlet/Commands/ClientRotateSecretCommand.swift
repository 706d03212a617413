import AuthorizationServer
import Identity
import JSON
import OAuthTypes
import Stores

/// Gives a client another secret, while the one before is good for a while longer.
struct ClientRotateSecretCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["client", "rotate-secret"],
        summary: "Give a client another secret; the one before stays good for a while.",
        discussion: """
            The secret before that one is good no more. With --auth-method the client
            proves itself in another way from now on: a client that did so by a key of
            its own, or not at all, gets its first secret then.
            """,
        operand: .clientID,
        options: [.clientID, keep, authMethod, ClientAddCommand.secretFromInput, .json],
        examples: [
            CommandUsage.Example(
                purpose: "A day to tell every part of the client", command: "martlet client rotate-secret shop"),
            CommandUsage.Example(
                purpose: "A secret that leaked", command: "martlet client rotate-secret shop --keep 0"),
        ]
    )

    static let keep = Option.once(
        "--keep", "HOURS", "How long the secret before is good; 24 unless given, at most 720.")
    static let authMethod = Option.once(
        "--auth-method", "METHOD", "client_secret_basic, client_secret_post or client_secret_jwt.")

    private let id: String
    private let hours: Int
    private let method: ClientAuthenticationMethod?
    private let bringsSecret: Bool
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .clientID)
        let text = arguments.value(ClientRotateSecretCommand.keep) ?? "24"
        guard let hours = Int(text), (0...720).contains(hours) else {
            throw UsageError("--keep takes a number of hours from 0 to 720", in: arguments.usage.words)
        }
        self.hours = hours
        let methods: [ClientAuthenticationMethod] = try arguments.choices(ClientRotateSecretCommand.authMethod)
        method = methods.first
        if let method, !method.usesSecret {
            throw UsageError("\(method.rawValue) uses no secret", in: arguments.usage.words)
        }
        bringsSecret = arguments.has(ClientAddCommand.secretFromInput)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        guard let client = try await tool.stores.clients.find(ClientID(argument: id)) else {
            throw CommandFailure.noClient(id)
        }
        guard method != nil || client.authenticationMethods.contains(where: \.usesSecret) else {
            throw CommandFailure("client \(client.id) has no secret; --auth-method gives it one")
        }
        let secret: String
        if bringsSecret {
            secret = try tool.console.readSecret("Secret of the client")
            if let weakness = ClientSecret.weakness(of: secret) { throw CommandFailure(.badData, weakness) }
        } else {
            secret = ClientSecret.generate(tool.random)
        }
        let changed = try tool.replacing(secretOf: client, with: secret, keeping: hours, method: method)
        guard try await tool.stores.clients.replace(changed) else {
            throw CommandFailure("client \(client.id) was changed by somebody else just now; look at it and try again")
        }
        try await tool.note(.clientSecretRotated, with: client.id)
        let end = changed.formerSecret?.expiresAt
        if isJSON {
            tool.console.print { writer in
                writer.object {
                    $0.member("client_id", client.id.rawValue)
                    $0.member("client_secret", secret)
                    $0.member("former_secret_expires_at", end?.seconds)
                }
            }
            return
        }
        tool.console.print("Client          \(client.id)" + (bringsSecret ? "" : "\nSecret          \(secret)"))
        if let end { tool.console.print("The secret before is good until \(end.internetDate).") }
        if !bringsSecret { tool.console.print("\nThe secret is shown this once: keep it now.") }
    }
}

extension Tool {
    /// The client with another secret; sealed too where its method needs to read it.
    func replacing(
        secretOf client: Client, with secret: String, keeping hours: Int, method: ClientAuthenticationMethod?
    ) throws -> Client {
        var changed = client
        if let method {
            changed.authenticationMethods = [method]
            changed.metadata.tokenEndpointAuthMethod = method.needsOnlyADigest ? nil : method
            changed.metadata.tokenEndpointAuthSigningAlg = nil
        }
        changed.formerSecret =
            hours == 0
            ? nil
            : client.secretDigest.map { digest in
                FormerSecret(
                    digest: digest, sealed: client.sealedSecret, expiresAt: clock.now + .seconds(hours * 3600))
            }
        changed.secretDigest = TokenDigest(of: secret)
        changed.sealedSecret = try sealed(secret, of: changed)
        return changed
    }

    /// The sealed secret of a client whose method needs to read it; nil for the others.
    func sealed(_ secret: String, of client: Client) throws -> [UInt8]? {
        guard client.authenticationMethods.contains(.clientSecretJWT) else { return nil }
        return try ClientSecretSeal(configuration.requireMasterKey()).seal(secret, of: client.id)
    }
}
