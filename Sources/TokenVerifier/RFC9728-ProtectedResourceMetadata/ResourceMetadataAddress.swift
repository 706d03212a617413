/// Where a service publishes what it says of itself, so that its clients find out whom to ask for tokens: RFC 9728 §3.1.
///
/// `martlet resource metadata` prints the document; the service serves it at `path`, and names `url` in its challenges.
public struct ResourceMetadataAddress: Sendable, Equatable {
    /// The whole address.
    public let url: String
    /// The path, with the query of the resource where it has one.
    public let path: String

    /// The address for a resource; nil where its identifier, the audience of its tokens, is no address on the web.
    public init?(of resource: String) {
        guard let scheme = ["https://", "http://"].first(where: { resource.hasPrefix($0) }), !resource.contains("#")
        else {
            return nil
        }
        let rest = resource.dropFirst(scheme.count)
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        guard !host.isEmpty else { return nil }
        let path = rest.dropFirst(host.count)
        // A slash that stands alone is left out.
        self.path = "/.well-known/oauth-protected-resource" + (path == "/" ? "" : path)
        url = scheme + host + self.path
    }
}
