/// Why a directory gave no answer: nothing is known of the password then.
///
/// Names nothing that came from outside, so that it may be logged and shown.
public enum DirectoryFault: Error, Sendable, Equatable {
    /// It cannot be reached, did not answer in time, or is left alone for a while since it did not before.
    case unavailable(Reason)
    /// It has not proven to be the one that is meant; no password was sent.
    case untrusted(Reason)
    /// It refuses what it is asked: most likely the connector is not set up as it must be.
    case refused(Reason)
    /// Too many people sign in by it at once.
    case busy

    /// What it was, in a closed list of words.
    public enum Reason: String, Sendable, CaseIterable {
        // It is not reached.
        case unknownHost = "unknown_host", unreachable, timedOut = "timed_out", brokenOff = "broken_off"
        case tooLarge = "too_large", overloaded, resting
        // It is not believed.
        case wrongCertificate = "wrong_certificate", wrongName = "wrong_name", noHandshake = "no_handshake"
        case noAuthorities = "no_authorities", noStartTLS = "no_starttls"
        // It refuses.
        case wrongAccount = "wrong_account", noSecret = "no_secret", noSuchBase = "no_such_base"
        case noRights = "no_rights", needsTLS = "needs_tls", elsewhere = "referral", otherwise
    }

    /// What it was; nil where nobody asked.
    public var reason: Reason? {
        switch self {
        case .unavailable(let reason), .untrusted(let reason), .refused(let reason): reason
        case .busy: nil
        }
    }

    /// Whether the directory is to blame, so that the next one need not ask.
    var isFailure: Bool {
        switch self {
        // The entry of one person says nothing of the directory.
        case .unavailable(.tooLarge): false
        case .unavailable, .untrusted: true
        case .refused, .busy: false
        }
    }
}

extension DirectoryFault: CustomStringConvertible {
    /// A word for logs.
    public var description: String { reason?.rawValue ?? "too_many_at_once" }

    /// What an operator can do about it: a sentence.
    public var remedy: String {
        switch reason {
        case .unknownHost: "No address is known for the host: check hosts and the name service of this machine."
        case .unreachable:
            "Nothing listens there: check hosts, the port (636 for ldaps, 389 for starttls) and the firewalls between."
        case .timedOut:
            "It did not answer in time: check that the port is the one for this security, or raise timeout."
        case .brokenOff: "It broke the connection off: check that the port is the one for this security, and its log."
        case .tooLarge: "Its answer was larger than any that a sign-in needs: make the search narrower."
        case .overloaded: "It says that it is busy, or out of order for the moment."
        case .resting: "It did not answer lately and is left alone for a while."
        case .wrongCertificate:
            "Its certificate is of no authority that is trusted, or has run out: set ca_file to the file of the one that "
                + "signed it."
        case .wrongName: "Its certificate is another host's: name the host in hosts as the certificate does."
        case .noHandshake:
            "No TLS came about: check that the port speaks it (security), that its certificate is right (ca_file) and "
                + "names the host, and that it takes TLS 1.2 or newer."
        case .noAuthorities: "The file of ca_file cannot be read, or holds no certificates in PEM."
        case .noStartTLS: "It does not offer StartTLS: use ldaps, or set up a certificate there."
        case .wrongAccount: "It refuses bind_dn with this secret: check both, and whether the account is locked."
        case .noSecret: "bind_dn needs a password: give it as the secret of the connector."
        case .noSuchBase: "There is no entry of that name: check base, and the base of groups."
        case .noRights: "The account that searches may not look there: set bind_dn, or give it the right to read."
        case .needsTLS: "It wants TLS first: set security to ldaps or starttls."
        case .elsewhere: "It refers to another directory, which is never followed: name that one in hosts."
        case .otherwise: "It refuses the question: see its log."
        case nil: "Too many people sign in by it at once."
        }
    }
}
