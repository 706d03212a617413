public import Reactor

/// The proxies whose word on the client counts, and where it stands: RFC 7239.
///
/// Everybody else may write what they like into these fields; nothing is read from it.
public struct TrustedProxies: Sendable {
    /// The fields in which the proxies name the client.
    ///
    /// One kind alone: a proxy that writes one of them hands the other on as the client sent it.
    public enum Fields: String, Sendable, CaseIterable {
        /// `X-Forwarded-For` and `X-Forwarded-Proto`: what most proxies write.
        case xForwarded = "x-forwarded"
        /// `Forwarded`: RFC 7239.
        case forwarded = "forwarded"
    }

    /// Where the proxies are.
    public var networks: [Network]
    /// What they write.
    public var fields: Fields

    /// Hops that are looked at; a longer chain of proxies is a mistake.
    private static let mostHops = 16

    /// Trusts these networks; none by default.
    public init(networks: [Network] = [], fields: Fields = .xForwarded) {
        self.networks = networks
        self.fields = fields
    }

    /// Whether the word of a peer counts.
    public func trusts(_ peer: SocketAddress) -> Bool {
        networks.contains { $0.contains(peer) }
    }

    /// Who a request is from, and whether they use https.
    struct Client: Sendable, Hashable {
        var address: PeerAddress
        var isSecure: Bool
    }

    /// The client behind a trusted peer: the hop nearest to us that is no proxy of ours.
    ///
    /// What stands left of it the client may have invented, so nobody looks at it. If what we would have to rely on is
    /// malformed, the request counts as the peer's own.
    func client(behind peer: Client, _ headers: Headers) -> Client {
        switch fields {
        case .xForwarded: clientByXForwarded(peer, headers)
        case .forwarded: clientByForwarded(peer, headers)
        }
    }

    private func clientByXForwarded(_ peer: Client, _ headers: Headers) -> Client {
        let hops = headers.values(of: "X-Forwarded-For").flatMap(Self.list)
        var client = peer
        guard let index = nearest(hops.count, { ForwardedNode.parse(hops[$0]) }, &client.address) else { return peer }
        let protocols = headers.values(of: "X-Forwarded-Proto").flatMap(Self.list)
        // As many as hops: the one of this hop. One alone: the only proxy that knows.
        if protocols.count == hops.count {
            client.isSecure = Self.isHTTPS(protocols[index])
        } else if protocols.count == 1 {
            client.isSecure = Self.isHTTPS(protocols[0])
        }
        return client
    }

    private func clientByForwarded(_ peer: Client, _ headers: Headers) -> Client {
        // Line by line, from the last: a client's open quote must not swallow what a proxy has added.
        var elements: [ForwardedElement] = []
        var client = peer
        for line in headers.values(of: "Forwarded").reversed() {
            guard let more = ForwardedElement.parse(line) else { return peer }
            elements = more + elements
            guard let index = nearest(elements.count, { elements[$0].node }, &client.address) else { return peer }
            client.isSecure = elements[index].proto.map { Self.isHTTPS($0[...]) } ?? peer.isSecure
            // A line of proxies of ours alone: the one before knows more.
            if !trusts(client.address.socket) { break }
        }
        return client
    }

    /// Goes from the last hop to the first until one is not trusted; `nil` if a hop cannot be read or there are none.
    private func nearest(_ count: Int, _ node: (Int) -> PeerAddress?, _ address: inout PeerAddress) -> Int? {
        guard count > 0 else { return nil }
        var found: Int?
        for index in (max(0, count - Self.mostHops)..<count).reversed() {
            guard let hop = node(index) else { return nil }
            address = hop
            found = index
            if !trusts(hop.socket) { return index }
        }
        return count > Self.mostHops ? nil : found
    }

    /// The elements of a list: RFC 9110 §5.6.1.
    private static func list(_ value: String) -> [Substring] {
        value.split(separator: ",", omittingEmptySubsequences: false).map(ForwardedNode.trimmed)
    }

    private static func isHTTPS(_ word: Substring) -> Bool {
        word.utf8.elementsEqual("https".utf8, by: FieldGrammar.equalIgnoringCase)
    }
}
