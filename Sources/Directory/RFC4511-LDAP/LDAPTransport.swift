internal import CLDAP
import Glibc
import Reactor

/// Connections by libldap, each used by one thread.
///
/// The socket is ours: the library takes it over when it is connected, and never makes one by itself.
public struct LDAPTransport: DirectoryTransport {
    private let settings: DirectorySettings
    private let hosts: LDAPHosts

    /// The certificates that Debian trusts.
    private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"
    /// The longest message that is read, in bytes: names of some thousand groups fit.
    static let messageLimit: UInt = 1 << 20
    /// An address at which nobody can listen.
    private static let nowhere = "ldapi://%2Fdev%2Fnull"

    /// Sets the library up, once and on one thread.
    private static let isReady: Bool = {
        var handle: OpaquePointer?
        guard ldap_initialize(&handle, nil) == LDAP_SUCCESS, let handle else { return false }
        ldap_unbind_ext_s(handle, nil, nil)
        return true
    }()

    /// Connections to the hosts of a directory.
    public init(_ settings: DirectorySettings) {
        self.settings = settings
        hosts = LDAPHosts(settings.hosts)
    }

    /// A connection to the first host that answers.
    public func connect(_ call: DirectoryCall) throws(DirectoryFault) -> any DirectoryConnection {
        var telling = DirectoryFault.unavailable(.unreachable)
        let inTurn = hosts.inTurn
        for (place, (number, host)) in inTurn.enumerated() {
            do throws(DirectoryFault) {
                return try connect(to: host, number, hostsLeft: inTurn.count - place, call)
            } catch {
                hosts.avoid(number)
                // A host that is not believed is worse than one that is away.
                if case .untrusted = telling {} else { telling = error }
            }
            if call.isCut { break }
        }
        throw telling
    }

    private func connect(
        to host: DirectorySettings.Host, _ number: Int, hostsLeft: Int, _ call: DirectoryCall
    ) throws(DirectoryFault) -> any DirectoryConnection {
        guard LDAPTransport.isReady else { throw .unavailable(.unreachable) }
        if settings.security != .none, access(authorities, R_OK) != 0 { throw .untrusted(.noAuthorities) }
        let part = UInt64(call.millisecondsLeft) * 1_000_000 / UInt64(max(1, hostsLeft))
        let descriptor = try LDAPSocket.connect(to: host, until: Deadline.now.advanced(byNanoseconds: part), call)
        let name = host.name.contains(":") ? "[\(host.name)]" : host.name
        var handle: OpaquePointer?
        // The name is what the certificate is compared with.
        guard ldap_init_fd(descriptor, LDAP_PROTO_TCP, "ldap://\(name):\(host.port)", &handle) == LDAP_SUCCESS,
            let handle
        else {
            close(descriptor)
            throw .unavailable(.unreachable)
        }
        let connection = LDAPConnection(handle, call, avoid: { [hosts] in hosts.avoid(number) })
        try prepare(handle)
        switch settings.security {
        case .ldaps: try connection.secure()
        case .startTLS: try connection.startTLS()
        case .none: break
        }
        // What is broken off stays so: the library would connect again by itself, and say the next thing there in clear.
        guard ldap_set_option(handle, LDAP_OPT_URI, LDAPTransport.nowhere) == LDAP_SUCCESS else {
            throw .unavailable(.unreachable)
        }
        return connection
    }

    private var authorities: String { settings.authorities ?? LDAPTransport.systemAuthorities }

    /// Everything that a file or the environment of the machine could say otherwise.
    private func prepare(_ handle: OpaquePointer) throws(DirectoryFault) {
        func set(_ option: Int32, _ value: Int32) -> Bool {
            withUnsafePointer(to: value) { ldap_set_option(handle, option, $0) == LDAP_SUCCESS }
        }
        func set(_ option: Int32, _ value: timeval) -> Bool {
            withUnsafePointer(to: value) { ldap_set_option(handle, option, $0) == LDAP_SUCCESS }
        }
        let patience = timeval(tv_sec: settings.patience, tv_usec: 0)
        let isSet =
            set(LDAP_OPT_PROTOCOL_VERSION, 3)
            // Whoever is referred to elsewhere would take our passwords there.
            && martlet_ldap_set_flag(handle, LDAP_OPT_REFERRALS, 0) == LDAP_SUCCESS
            && martlet_ldap_set_flag(handle, LDAP_OPT_RESTART, 1) == LDAP_SUCCESS
            && set(LDAP_OPT_DEREF, LDAP_DEREF_NEVER)
            && set(LDAP_OPT_NETWORK_TIMEOUT, patience) && set(LDAP_OPT_TIMEOUT, patience)
            && martlet_ldap_limit_messages(handle, LDAPTransport.messageLimit) == 1
        guard isSet else { throw .unavailable(.unreachable) }
        guard settings.security != .none else { return }
        // No further authorities of the machine, where the operator has named one.
        _ = ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTDIR, nil)
        let isTrusting =
            authorities.withCString { ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, $0) == LDAP_SUCCESS }
            // The chain and the name must both be right, or nothing is said.
            && set(LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_HARD)
            && martlet_ldap_refuse_old_tls(handle) == LDAP_SUCCESS
            && set(LDAP_OPT_X_TLS_NEWCTX, 0)
        guard isTrusting else { throw .untrusted(.noAuthorities) }
    }
}
