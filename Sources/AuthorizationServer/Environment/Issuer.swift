import OAuthTypes

/// The issuer identifier: RFC 8414 §2, an `https` URL without query or fragment; `http` only on loopback hosts.
///
/// Every link that the server makes starts with it; no request header can change it.
public struct Issuer: Sendable, Hashable, CustomStringConvertible {
    /// The URL, without a slash at its end.
    public let url: String
    /// `scheme://host[:port]`.
    public let origin: String
    /// The path, empty or starting with `/`.
    public let path: String
    /// Whether it is `https`: cookies are `Secure` then.
    public let isSecure: Bool

    /// Nil where the text cannot be an issuer; scheme and host are in small letters, as everybody else will write them.
    public init?(_ text: String) {
        guard let uri = try? RedirectURI(registering: text), let origin = uri.origin, !text.contains("?"),
            !text.hasSuffix("/"), origin == origin.lowercased()
        else { return nil }
        url = text
        self.origin = origin
        path = String(text.dropFirst(origin.count))
        isSecure = text.hasPrefix("https:")
    }

    /// The host, with the port where one is written.
    public var host: String { String(origin.drop { $0 != "/" }.dropFirst(2)) }

    /// The address of a path of this server, such as `/token`.
    public func address(of path: String) -> String { url + path }

    /// The URL.
    public var description: String { url }
}
