public import JOSE
public import JSON
public import OAuthTypes
public import Stores

/// What a protected resource says of itself, so that a client finds out whom to ask for tokens: RFC 9728 §2.
public struct ProtectedResourceMetadata: JSONEncodable, Sendable {
    /// What the address of the document begins with, behind the host: §3.1.
    public static let path = "/.well-known/oauth-protected-resource"

    private let resource: ResourceIdentifier
    private let issuer: Issuer
    private let name: String?
    private let scopes: ScopeSet
    private let methods: [String]
    private let signingAlgorithms: [SignatureAlgorithm]

    /// The document of a configured resource, for that resource to publish.
    public init(of resource: Resource, issuer: Issuer) {
        self.resource = resource.id
        self.issuer = issuer
        name = resource.name
        scopes = resource.scopes
        methods = ["header"]
        signingAlgorithms = []
    }

    /// The document of our own UserInfo endpoint; nil where its address is no name of a resource.
    ///
    /// `signing` is what its answers can be signed with.
    public init?(ofUserInfoAt issuer: Issuer, signing: [SignatureAlgorithm]) {
        guard let resource = issuer.userInfoResource else { return nil }
        self.resource = resource
        self.issuer = issuer
        name = nil
        scopes = ResourceTarget.userInfoScopes
        // RFC 6750 §2: never in an address.
        methods = ["header", "body"]
        signingAlgorithms = signing
    }

    /// Where a resource publishes its document: the path of the resource follows ours (§3.1).
    ///
    /// Nil where its name is no address on the web.
    public static func address(of resource: ResourceIdentifier) -> String? {
        let text = resource.rawValue
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest.dropFirst(host.count)
        // A slash that stands alone is left out.
        return scheme + host + ProtectedResourceMetadata.path + (path == "/" ? "" : path)
    }

    /// Writes the members; what has no value is left out (§3.2).
    public func encode(to writer: inout JSONWriter) {
        writer.object {
            $0.member("resource", resource.rawValue)
            $0.member("authorization_servers", [issuer.url])
            if !scopes.isEmpty { $0.member("scopes_supported", scopes.map(\.rawValue)) }
            $0.member("bearer_methods_supported", methods)
            if !signingAlgorithms.isEmpty {
                $0.member("resource_signing_alg_values_supported", signingAlgorithms.map(\.rawValue))
            }
            $0.member("resource_name", name)
        }
    }
}

extension Issuer {
    /// The UserInfo endpoint as a resource: clients that find it by its challenge know it by its address (§3.3).
    var userInfoResource: ResourceIdentifier? { ResourceIdentifier(address(of: UserInfoEndpoint.path)) }

    /// Whether a resource is this server, or the UserInfo endpoint of it.
    func isOwn(_ resource: ResourceIdentifier) -> Bool {
        resource.rawValue.utf8.elementsEqual(url.utf8) || resource == userInfoResource
    }

    /// Where the document of the UserInfo endpoint is; nil where there is none.
    public var userInfoMetadata: String? {
        userInfoResource.flatMap(ProtectedResourceMetadata.address(of:))
    }
}
