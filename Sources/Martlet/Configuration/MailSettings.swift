import AuthorizationServer
import HTTP
import Identity
import JOSE

/// Which server takes mail, and as whom.
struct MailSettings: Sendable {
    let host: String
    let port: Int
    let protection: SMTPServer.Protection
    let user: String?
    private let password: Secret?
    let authorities: String?
    let timeout: Duration
    let sender: Mailbox

    /// The server, to which we name the issuer's host.
    func server(for issuer: Issuer) -> SMTPServer {
        // The mail client knows no secrets of ours, and prints none of its own.
        let password = password.map {
            $0.withBytes { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
        }
        return SMTPServer(
            host: host, port: port, protection: protection, user: user, password: password, authorities: authorities,
            greeting: issuer.hostName.contains(":") ? "localhost" : issuer.hostName, timeout: timeout)
    }

    /// Nil where no server is named; what is wrong is reported.
    init?(_ reader: inout SettingsReader) {
        let timeout = reader.number(.mailTimeout) ?? 20
        guard let text = reader.text(.mailServer) else {
            for setting in [Setting.mailUser, .mailPasswordFile, .mailAuthorities] where reader.text(setting) != nil {
                reader.report(setting, "is set without a mail server", "Name one with MARTLET_MAIL_SERVER.")
            }
            return nil
        }
        guard let (host, port, isImplicit) = MailSettings.place(text) else {
            reader.report(
                .mailServer, "is no address of a mail server",
                "Write smtp://mail.example:587 or smtps://mail.example:465.")
            return nil
        }
        self.host = host
        self.port = port
        let isLocal = ["localhost", "127.0.0.1", "::1"].contains(host)
        protection = isImplicit ? .implicit : isLocal ? .offered : .required
        user = reader.text(.mailUser)
        authorities = reader.text(.mailAuthorities)
        password = SecretFile.read(.mailPasswordFile, &reader)
        self.timeout = .seconds(timeout)
        if (user == nil) != (reader.text(.mailPasswordFile) == nil) {
            let missing = user == nil ? Setting.mailUser : .mailPasswordFile
            reader.report(missing, "is missing", "Set MARTLET_MAIL_USER and MARTLET_MAIL_PASSWORD_FILE, or neither.")
        }
        guard let from = reader.text(.mailSender) else {
            reader.report(.mailSender, "is missing", "Write the sender, such as \"Example <no-reply@mail.example>\".")
            return nil
        }
        guard let sender = Mailbox(from) else {
            reader.report(.mailSender, "is no sender", "Write an address, or a name and <address>.")
            return nil
        }
        self.sender = sender
    }

    /// Host, port, and whether TLS comes first.
    private static func place(_ text: String) -> (host: String, port: Int, isImplicit: Bool)? {
        let isImplicit = text.hasPrefix("smtps://")
        guard isImplicit || text.hasPrefix("smtp://") else { return nil }
        let rest = text.dropFirst(isImplicit ? 8 : 7)
        var host = rest
        var port = isImplicit ? 465 : 587
        let end = rest.lastIndex(of: "]") ?? rest.startIndex
        if let colon = rest[end...].lastIndex(of: ":") {
            guard let number = UInt16(rest[rest.index(after: colon)...]), number > 0 else { return nil }
            port = Int(number)
            host = rest[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.utf8.allSatisfy({ "0123456789abcdefABCDEF:.".utf8.contains($0) }) else { return nil }
        } else {
            let isName = host.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x2D || byte == 0x2E
            }
            guard isName else { return nil }
        }
        return host.isEmpty ? nil : (String(host), port, isImplicit)
    }
}

extension Issuer {
    /// The host, without a port.
    var hostName: String {
        let place = origin.drop { $0 != ":" }.dropFirst(3)
        if place.hasPrefix("[") { return String(place.prefix { $0 != "]" }.dropFirst()) }
        return String(place.prefix { $0 != ":" })
    }
}
