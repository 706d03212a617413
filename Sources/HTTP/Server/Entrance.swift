internal import Reactor

/// What a connection goes through before its first request, and what is known of the client afterwards.
///
/// One for each listener, shared by its connections.
final class Entrance: Sendable {
    private let tls: TLSServer?
    private let asking: ClientCertificateRequest
    private let proxyProtocol: ServerListener.ProxyProtocol
    private let proxies: TrustedProxies
    private let peers: [Network]?

    /// What is known of a client.
    struct Guest: Sendable {
        var client: TrustedProxies.Client
        var certificate: ClientCertificate?
        /// Whether what the requests say about the client counts.
        var isTrustedProxy: Bool
    }

    /// Bytes of a client that are thrown away so that it can read why it was refused.
    private static let refusedBytes = 64 * 1024

    init(_ listener: ServerListener, _ proxies: TrustedProxies) {
        tls = listener.tls
        asking = listener.clientCertificates
        proxyProtocol = listener.proxyProtocol
        self.proxies = proxies
        peers = listener.peers
    }

    /// Whether what comes before requests costs the processor something.
    var hasHandshake: Bool { tls != nil }

    /// Whether the first byte of a connection belongs to a request.
    var isOpen: Bool { tls == nil && proxyProtocol == .none }

    /// Whether a peer is to be told that it has no business here.
    func refuses(_ peer: SocketAddress) -> Bool {
        peers.map { networks in !networks.contains { $0.contains(peer) } } ?? false
    }

    /// A guest as the socket knows it.
    func guest(_ peer: SocketAddress) -> Guest {
        Guest(
            client: TrustedProxies.Client(address: PeerAddress(peer), isSecure: false),
            isTrustedProxy: proxies.trusts(peer)
        )
    }

    /// Takes the PROXY header and does the TLS handshake, each step when there is time for it; false if the connection
    /// is not to be served.
    func admit(
        _ guest: inout Guest, _ stream: Connection, until deadline: Deadline, in admission: Admission
    ) async -> Bool {
        do throws(ConnectionError) {
            if proxyProtocol == .required {
                // Whoever may write this header may be anybody, so strangers are not even listened to.
                guard guest.isTrustedProxy, let header = try await ProxyHeader.read(from: stream, until: deadline)
                else {
                    return false
                }
                if let client = header.client { guest = self.guest(client) }
                guest.client.isSecure = header.isSecure
            }
            if let tls {
                try await stream.startTLS(tls, asking: asking, until: deadline) { await admission.takeTurn() }
                guest.client.isSecure = true
                guest.certificate = stream.clientCertificate
            }
            return true
        } catch {
            if case .insecure = error {
                let moment = Deadline.now.advanced(byNanoseconds: 1_000_000_000)
                await stream.closeGently(until: moment, discarding: Self.refusedBytes)
            }
            return false
        }
    }

    /// The id that a trusted proxy has given one request.
    func id(_ guest: Guest, _ headers: Headers) -> RequestID? {
        guard guest.isTrustedProxy else { return nil }
        return headers.onlyValue(of: "X-Request-Id").flatMap { RequestID(given: $0) }
    }

    /// Who one request is from.
    func client(_ guest: Guest, _ headers: Headers) -> TrustedProxies.Client {
        guest.isTrustedProxy ? proxies.client(behind: guest.client, headers) : guest.client
    }
}
