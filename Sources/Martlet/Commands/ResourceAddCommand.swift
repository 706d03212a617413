import Identity
import OAuthTypes
import SQLStores
import Stores

/// Configures a resource.
struct ResourceAddCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["resource", "add"],
        summary: "Configure a resource: what access tokens may be for, besides this server.",
        discussion: """
            A client that names it (resource, RFC 8707) gets access tokens whose audience it
            is, with those of its scopes alone. The client must be registered for the scopes
            as for any. A running server knows it within two seconds.
            """,
        operand: .resourceID,
        options: [.resourceID] + ResourceOptions.all + [.json],
        examples: [
            CommandUsage.Example(
                purpose: "An interface whose servers verify JWTs",
                command: "martlet resource add https://api.example.com --name Orders \\\n"
                    + "      --scope \"orders:read orders:write\" --token-lifetime 300"
            ),
            CommandUsage.Example(
                purpose: "One whose servers ask at /introspect, so that what is revoked ends at once",
                command: "martlet resource add urn:example:stock --scope stock:read --format opaque"
            ),
        ]
    )

    /// Also before the first start.
    static let schema = SQLStorage.SchemaPolicy.begin

    private let id: String
    private let options: ResourceOptions
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .resourceID)
        options = try ResourceOptions(arguments)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        let id = try ResourceIdentifier(argument: id)
        var resource = Resource(
            id: id, name: String(id.rawValue.prefix(100)), scopes: [], format: .jwt, tokenLifetime: nil,
            grantLifetime: nil, algorithm: nil, clients: [], createdAt: tool.clock.now)
        try await options.apply(to: &resource, in: tool)
        guard try await tool.stores.resources.insert(resource) else {
            throw CommandFailure("there is a resource \(id.rawValue) already; `martlet resource update` changes it")
        }
        resource.show(on: tool.console, asJSON: isJSON)
        try await tool.note(.resourceAdded, details: ["resource": id.rawValue])
    }
}
