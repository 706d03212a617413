/// A mail server that takes our mails and hands them on: RFC 5321, RFC 6409.
public struct SMTPServer: Sendable {
    /// How the way there is protected.
    public enum Protection: Sendable, Hashable {
        /// TLS from the first byte: RFC 8314 §3.
        case implicit
        /// `STARTTLS` before anything is said: RFC 3207. Without it nothing is sent.
        case required
        /// `STARTTLS` where it is offered: for a server on this machine.
        case offered
    }

    /// Its name, or its address.
    public let host: String
    /// Its port.
    public let port: Int
    /// How the way there is protected.
    public let protection: Protection
    /// Who we are to it; nil where it asks nobody.
    public let user: String?
    /// With which password: prints nowhere.
    private let password: String?
    /// A file of authorities in PEM instead of the system's; nil for those.
    public let authorities: String?
    /// What we call ourselves.
    public let greeting: String
    /// How long one mail may take.
    public let timeout: Duration

    /// A server.
    public init(
        host: String, port: Int, protection: Protection, user: String?, password: String?, authorities: String?,
        greeting: String, timeout: Duration
    ) {
        self.host = host
        self.port = port
        self.protection = protection
        self.user = user
        self.password = password
        self.authorities = authorities
        self.greeting = greeting
        self.timeout = timeout
    }

    /// Lends the password.
    func withPassword<Result>(_ body: (String?) -> Result) -> Result { body(password) }

    /// Its address for libcurl.
    var url: String {
        let place = host.contains(":") ? "[\(host)]" : host
        return "\(protection == .implicit ? "smtps" : "smtp")://\(place):\(port)/\(greeting)"
    }
}

extension SMTPServer: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Host and port.
    public var description: String { "\(host):\(port)" }
    /// Host and port.
    public var debugDescription: String { description }
    /// Nothing to see: there is a password.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Why a mail server did not take a mail.
public enum SMTPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Its name stands for no address.
    case unresolved
    /// Nobody takes the connection.
    case unreachable
    /// It offers no `STARTTLS`.
    case unprotected
    /// Its certificate does not prove its name, or there is no common TLS.
    case untrusted
    /// It refused our user or our password.
    case refusedLogin
    /// It refused the mail with this code (RFC 5321 §4.2).
    case refused(code: Int)
    /// The deadline came first.
    case timedOut
    /// The connection broke, or it speaks no SMTP.
    case broken

    /// What happened, in words that hold nothing from outside.
    public var description: String {
        switch self {
        case .unresolved: "the name of the mail server is not known"
        case .unreachable: "the mail server cannot be reached"
        case .unprotected: "the mail server offers no STARTTLS"
        case .untrusted: "the certificate of the mail server does not prove its name"
        case .refusedLogin: "the mail server refused the user or the password"
        case .refused(let code): "the mail server refused the mail with code \(code)"
        case .timedOut: "the mail server did not answer in time"
        case .broken: "the connection to the mail server broke"
        }
    }

    /// Whether there is no such mailbox, so that another attempt would end alike: RFC 5321 §4.2.3.
    public var isFinal: Bool {
        if case .refused(let code) = self { [550, 551, 553].contains(code) } else { false }
    }
}
