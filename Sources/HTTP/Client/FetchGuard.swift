public import Reactor

/// Where a request may go whose address a stranger has chosen: server-side request forgery, OWASP API7:2023.
///
/// A redirect URI's metadata, a key set, a logout address, a sector identifier: whoever registers a client names such
/// addresses, and our machine must not become their way into our network. So: https alone, few ports, and after the name
/// is resolved every address must be on the public internet. The connection goes to the addresses that were judged, not
/// to what the name means a moment later.
public struct FetchGuard: Sendable {
    /// Ports that may be asked.
    public var ports: Set<UInt16> = [443, 8443]
    /// Addresses that are allowed although they are not public, such as the operator's own network of applications.
    public var permits: @Sendable (SocketAddress) -> Bool = { _ in false }

    /// The public internet alone.
    public init() {}

    /// Whether a connection may go to an address.
    public func admits(_ address: SocketAddress) -> Bool {
        address.isPublic || permits(address)
    }
}

/// Who chose the address of a request.
public enum Destination: Sendable {
    /// The operator did: https, wherever it is.
    case configured
    /// The operator did, and allows http: a collector on this machine, say.
    case configuredPlain
    /// The operator did, as somebody else wished: only where strangers may send us, but not in their places.
    case guarded(FetchGuard)
    /// Somebody else did.
    case stranger(FetchGuard)

    /// What says where it may lead; nil for everywhere.
    var fetchGuard: FetchGuard? {
        switch self {
        case .configured, .configuredPlain: nil
        case .guarded(let fetchGuard), .stranger(let fetchGuard): fetchGuard
        }
    }
}
