/// An address that this server may show, fetch from or post to: `https`, or `http` on a loopback host for development.
///
/// The grammar is that of redirect URIs of the web (`RedirectURI`), but for parameters in the query, which are free.
public struct WebAddress: Sendable, Hashable, CustomStringConvertible {
    /// The text, compared byte by byte.
    public let rawValue: String
    /// `scheme://host[:port]`.
    public let origin: String

    /// Nil for another scheme, a fragment, user information, dot segments, wildcards, or other characters than printable
    /// ASCII; at most 2048 of these.
    public init?(_ text: String) {
        guard text.utf8.count <= 2048, !text.contains("#") else { return nil }
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let uri = try? RedirectURI(registering: String(parts[0])), let origin = uri.origin else { return nil }
        if parts.count > 1 {
            guard parts[1].utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"<>\\^`{|}".utf8.contains($0) }) else {
                return nil
            }
        }
        rawValue = text
        self.origin = origin
    }

    /// Whether it is `https`.
    public var isSecure: Bool { origin.utf8.starts(with: "https".utf8) || origin.lowercased().hasPrefix("https:") }

    /// The host, in small letters and without the port.
    public var host: String {
        let authority = origin.drop { $0 != "/" }.dropFirst(2)
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        return host.lowercased()
    }

    /// The text.
    public var description: String { rawValue }
}
