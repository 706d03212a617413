import AuthorizationServer
import JSON
import OAuthTypes
import Stores

/// Prints what a resource publishes of itself: RFC 9728.
struct ResourceMetadataCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["resource", "metadata"],
        summary: "Print the document by which clients of a resource find this server (RFC 9728).",
        discussion: """
            The resource itself serves it, unchanged and as application/json, at the address
            that is said on standard error, and names that address in its challenges:
            WWW-Authenticate: Bearer resource_metadata="ADDRESS".
            """,
        operand: .resourceID,
        options: [.resourceID],
        examples: [
            CommandUsage.Example(
                purpose: "A file for the server of the resource",
                command: "martlet resource metadata https://api.example.com > protected-resource.json")
        ]
    )

    private let id: String

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .resourceID)
    }

    func run(in tool: Tool) async throws {
        let resource = try await tool.resource(id)
        guard let issuer = tool.configuration.issuer else {
            throw CommandFailure("MARTLET_ISSUER is missing: the document names this server by it")
        }
        let document = ProtectedResourceMetadata(of: resource, issuer: issuer)
        if let address = ProtectedResourceMetadata.address(of: resource.id) {
            tool.console.complain("to be served at \(address)")
        } else {
            tool.console.complain("its identifier is no address on the web: clients cannot find the document by it")
        }
        tool.console.print { document.encode(to: &$0) }
    }
}
