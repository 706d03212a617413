public import OAuthTypes
import Stores

/// The resources that a request names: RFC 8707 §2.
enum ResourceIndicators {
    /// The most that a request may name.
    static let limit = 10

    /// Reads the parameter, which may come several times: each an absolute URI without a fragment.
    static func read(_ parameters: FormParameters) throws(OAuthError) -> [ResourceIdentifier] {
        let texts = parameters.all(.resource)
        guard !texts.isEmpty else { return [] }
        guard texts.count <= limit else {
            throw OAuthError(
                .invalidTarget, "the request names too many resources", advice: "a request may name \(limit) resources",
                rule: "RFC 8707 §2")
        }
        var named: [ResourceIdentifier] = []
        for text in texts {
            guard let resource = ResourceIdentifier(text) else {
                throw OAuthError(
                    .invalidTarget, "resource must be an absolute URI without a fragment",
                    advice:
                        "resource is such as https://api.example.com/, byte for byte as martlet resource list has it",
                    rule: "RFC 8707 §2")
            }
            if !named.contains(resource) { named.append(resource) }
        }
        return named
    }

    /// The same, of an authorization request: each must be there for the client, and some scope must mean something there.
    ///
    /// Each by itself: one that fits, as this server does whatever the scopes, brings in no other.
    static func read(
        _ parameters: FormParameters, by client: Client, scopes: ScopeSet, known: [Resource], at issuer: Issuer
    ) throws(OAuthError) -> [ResourceIdentifier] {
        let named = try read(parameters)
        guard !named.isEmpty else { return [] }
        for id in named {
            guard let target = ResourceTarget(id, for: client, among: known, at: issuer) else { throw unknown }
            guard target.fits(scopes) else { throw scopeless }
        }
        return named
    }

    /// Whether there is no such resource, or whether it is not for this client, is nobody's business.
    static let unknown = OAuthError(
        .invalidTarget, "one of the resources is not there, or not for this client",
        advice:
            "martlet resource show names the clients that a resource is for; an identifier is compared byte for byte",
        rule: "RFC 8707 §2")
    static let foreign = OAuthError(
        .invalidTarget, "one of the resources is not among those that were granted",
        advice: "the token request may name resources of the authorization request alone", rule: "RFC 8707 §2.2")
    static let differing = OAuthError(
        .invalidTarget, "these resources take tokens of different kinds; ask for one resource at a time",
        advice: "format, lifetime or signature of their tokens differ: martlet resource show says which",
        rule: "RFC 8707 §2.2")
    static let scopeless = OAuthError(
        .invalidScope, "none of the scopes means anything at one of the resources named",
        advice: "martlet resource show names the scopes of a resource; one of them must be asked for",
        rule: "RFC 8707 §2.2, RFC 6749 §3.3")
}

extension Grant {
    /// The resources that its authorization request named; empty where it named none.
    var resources: [ResourceIdentifier] { claims == nil ? [] : ClaimsRequest(kept: claims).resources }
}

extension Scope {
    /// A resource in the list of what people allow; nil where its name has characters that no scope has.
    init?(resource: ResourceIdentifier) { self.init(Scope.resourcePrefix + resource.rawValue) }

    private static let resourcePrefix = "resource:"

    /// The resource that it stands for in such a list; nil for any other scope.
    public var resource: ResourceIdentifier? {
        guard rawValue.hasPrefix(Scope.resourcePrefix) else { return nil }
        return ResourceIdentifier(String(rawValue.dropFirst(Scope.resourcePrefix.count)))
    }
}
