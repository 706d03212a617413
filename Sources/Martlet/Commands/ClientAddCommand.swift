import AuthorizationServer
import Identity
import JSON
import OAuthTypes
import SQLStores
import Stores

/// Registers a client.
struct ClientAddCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["client", "add"],
        summary: "Register a client: an application that may use this provider.",
        discussion: """
            Without --grant, a client with redirect URIs gets authorization_code, and one
            without gets client_credentials. Without --scope, a client that signs people in may
            ask for openid, profile and email, and with refresh_token for offline_access too.
            A scope that does not exist yet exists from now on.

            --metadata reads the members of RFC 7591 and OpenID Connect Registration from a
            JSON file, --set one of them; an option for the same thing wins.

            A confidential client gets a secret of 256 random bits. It is printed once and
            stored as a digest. A running server knows the client within two seconds.
            """,
        options: [
            .clientID, name, redirectURI, postLogoutRedirectURI, grant, scope, authMethod, isPublic, isFirstParty,
            ownSignIn, .metadataFile, .metadataMember, secretFromInput, .json,
        ],
        examples: [
            CommandUsage.Example(
                purpose: "A web application",
                command: "martlet client add --id shop --redirect-uri https://shop.example/cb \\\n"
                    + "      --grant authorization_code --grant refresh_token --scope \"openid email\""
            ),
            CommandUsage.Example(
                purpose: "A native application, which can keep no secret",
                command: "martlet client add --id app --public --redirect-uri com.example.app:/cb"
            ),
            CommandUsage.Example(
                purpose: "A web application of your own with sign-in forms of its own",
                command: "martlet client add --id app --public --own-sign-in cookies \\\n"
                    + "      --redirect-uri https://app.example/cb"
            ),
            CommandUsage.Example(
                purpose: "A client whose ID tokens are signed with RS256",
                command: "martlet client add --id old --redirect-uri https://old.example/cb \\\n"
                    + "      --set id_token_signed_response_alg=RS256"
            ),
            CommandUsage.Example(
                purpose: "A service that acts for itself",
                command: "martlet client add --id report --scope read:orders --json"
            ),
        ]
    )

    static let name = Option.once("--name", "NAME", "What people read on the consent page; the id unless given.")
    static let redirectURI = Option.repeatable("--redirect-uri", "URI", "Where answers may go, byte for byte.")
    static let postLogoutRedirectURI = Option.repeatable(
        "--post-logout-redirect-uri",
        "URI",
        "Where people may return after sign-out."
    )
    static let grant = Option.repeatable(
        "--grant",
        "GRANT",
        "authorization_code, refresh_token or client_credentials."
    )
    static let scope = Option.repeatable("--scope", "SCOPE", "What it may ask for; also several in quotes.")
    static let authMethod = Option.repeatable(
        "--auth-method",
        "METHOD",
        "client_secret_basic or client_secret_post, both unless given; or private_key_jwt or client_secret_jwt alone."
    )
    static let isPublic = Option.flag("--public", "It can keep no secret: an application in a browser or on a device.")
    static let isFirstParty = Option.flag("--first-party", "It is your own: people are not asked for consent.")
    static let ownSignIn = Option.once(
        "--own-sign-in",
        "WITH",
        "It is your own and signs people in itself, by the calls under /v1/auth: tokens or cookies."
    )
    static let secretFromInput = Option.flag(
        "--secret-stdin",
        "Take a secret made elsewhere from standard input, up to the first line break: 32 characters at least."
    )

    /// Also before the first start.
    static let schema = SQLStorage.SchemaPolicy.begin

    private let registration: ClientRegistration
    private let patch: MetadataPatch
    private let bringsSecret: Bool
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        registration = try ClientRegistration(arguments)
        patch = try MetadataPatch(arguments)
        bringsSecret = arguments.has(ClientAddCommand.secretFromInput)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        var (client, secret) = try registration.client(
            document: try patch.document(),
            signing: try await tool.signingAlgorithms(),
            secret: bringsSecret ? tool.console.readSecret("Secret of the client") : nil,
            at: tool.clock.now,
            random: tool.random
        )
        if let secret { client.sealedSecret = try tool.sealed(secret, of: client) }
        guard try await tool.stores.clients.insert(client) else {
            throw CommandFailure("there is a client \(client.id) already; `martlet client remove` removes it")
        }
        // The secret first: whatever fails from here on, the client is there.
        show(client, secret, tool.console)
        try await tool.note(.clientAdded, with: client.id)
    }

    private func show(_ client: Client, _ secret: String?, _ console: Console) {
        guard !isJSON else {
            console.print { writer in
                writer.object {
                    $0.member("client_id", client.id.rawValue)
                    $0.member("client_secret", secret)
                    client.writeMetadata(to: &$0)
                }
            }
            return
        }
        console.print(client.description(secret: bringsSecret ? nil : secret))
        if secret != nil, !bringsSecret {
            console.print("\nThe secret is shown this once: keep it now.")
        }
    }
}
