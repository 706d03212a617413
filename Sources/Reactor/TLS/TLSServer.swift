internal import COpenSSL

/// The server's side of TLS 1.2 and 1.3: which certificates it shows, and how it speaks.
///
/// RFC 8446, RFC 5246, with the choices of RFC 9325. Certificates can be replaced while connections are open: those
/// keep what they began with.
public final class TLSServer: Sendable {
    private struct State {
        var identities: [TLSIdentity]
        var authorities: TLSAuthorities?
        var contexts: TLSContexts
    }

    private let state: Locked<State>

    /// A server with these certificates.
    ///
    /// The first is shown to clients that name no host, or one that no certificate is for.
    ///
    /// - Parameters:
    ///   - identities: at least one.
    ///   - authorities: who vouches for clients; without, no client's certificate counts as verified.
    public init(_ identities: [TLSIdentity], authorities: TLSAuthorities? = nil) throws(TLSError) {
        let contexts = try TLSContexts(identities, authorities: authorities)
        state = Locked(State(identities: identities, authorities: authorities, contexts: contexts))
    }

    /// Shows these certificates to connections from now on, and has these authorities vouch for clients.
    ///
    /// On failure it goes on with the old ones.
    public func replace(_ identities: [TLSIdentity], authorities: TLSAuthorities? = nil) throws(TLSError) {
        let contexts = try TLSContexts(identities, authorities: authorities)
        state.withLock { $0 = State(identities: identities, authorities: authorities, contexts: contexts) }
    }

    /// Makes new keys for session tickets; clients with older tickets do a full handshake.
    ///
    /// Whoever gets hold of a ticket key can read what TLS 1.2 clients resumed under it: RFC 9325 §3.4.
    public func rotateTicketKeys() throws(TLSError) {
        // A context is made with random ticket keys, and no thread may change those of one in use.
        let (present, authorities) = state.withLock { ($0.identities, $0.authorities) }
        let contexts = try TLSContexts(present, authorities: authorities)
        state.withLock { state in
            // Certificates that were replaced meanwhile stay: they have brought new keys themselves.
            guard state.identities.elementsEqual(present, by: ===) else { return }
            state.contexts = contexts
        }
    }

    /// The certificates in use.
    public var identities: [TLSIdentity] { state.withLock { $0.identities } }

    var contexts: TLSContexts { state.withLock { $0.contexts } }
}

/// Whether a listener asks clients for a certificate.
public enum ClientCertificateRequest: Sendable, Hashable {
    /// It does not: what browsers need, which would show a dialog.
    case none
    /// It does, and takes clients without one, or with any whose key they prove to have: RFC 8705 §2, §7.
    case optional
}
