public import Reactor

/// One place to listen at, and what happens before the first request there.
public struct ServerListener: Sendable {
    /// Whether connections begin with a PROXY header.
    public enum ProxyProtocol: Sendable, Hashable {
        /// They do not; one that did would be refused as no HTTP.
        case none
        /// Each does, and comes from a trusted proxy; others are closed.
        case required
    }

    /// Where; port 0 takes a free one.
    public var address: ListenAddress
    /// TLS, or nil for plain HTTP.
    public var tls: TLSServer?
    /// Whether clients are asked for a certificate; means nothing without TLS.
    public var clientCertificates: ClientCertificateRequest
    /// Whether a PROXY header comes first.
    public var proxyProtocol: ProxyProtocol
    /// Whose connections are served, nil for everybody's: others read in a 403 that they should use https.
    ///
    /// The other end of the socket counts, not the client that a proxy names.
    public var peers: [Network]?

    /// A listener; plain HTTP unless told.
    public init(
        _ address: ListenAddress,
        tls: TLSServer? = nil,
        clientCertificates: ClientCertificateRequest = .none,
        proxyProtocol: ProxyProtocol = .none
    ) {
        self.address = address
        self.tls = tls
        self.clientCertificates = clientCertificates
        self.proxyProtocol = proxyProtocol
    }
}
