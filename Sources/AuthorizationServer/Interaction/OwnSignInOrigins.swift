public import OAuthTypes
public import Stores

/// The origins (RFC 6454) of the pages from which clients sign people in themselves.
public struct OwnSignInOrigins: Sendable, Equatable {
    private var withTokens: Set<String> = []
    private var withCookies: Set<String> = []
    /// Whether no client does.
    let isEmpty: Bool

    init(_ clients: [Client]) {
        let clients = clients.filter(\.mayOwnSignIn)
        isEmpty = clients.isEmpty
        for client in clients {
            let origins = client.redirectURIs.compactMap(\.pageOrigin)
            if client.ownSignIn == .cookies { withCookies.formUnion(origins) } else { withTokens.formUnion(origins) }
        }
    }

    /// Whether pages of that origin may read answers.
    public func contains(_ origin: String) -> Bool { withTokens.contains(origin) || takesCookies(of: origin) }

    /// Whether pages of that origin may send and get cookies.
    public func takesCookies(of origin: String) -> Bool { withCookies.contains(origin) }
}

extension Client {
    /// Whether it signs people in itself; the mark counts for a client of the operator's own alone.
    public var mayOwnSignIn: Bool { party == .first && ownSignIn != .none }

    /// Whether requests of a browser may come from pages of that origin.
    public func hasPages(at origin: String) -> Bool { redirectURIs.contains { $0.pageOrigin == origin } }
}

extension RedirectURI {
    /// The origin as browsers write it: small letters, without the scheme's own port (RFC 6454 §6.2).
    public var pageOrigin: String? {
        guard let origin = origin?.lowercased() else { return nil }
        for (scheme, port) in [("https:", ":443"), ("http:", ":80")]
        where origin.hasPrefix(scheme) && origin.hasSuffix(port) {
            return String(origin.dropLast(port.count))
        }
        return origin
    }
}
