import AuthorizationServer
import Identity
import JOSE
import Stores

/// Where passkeys belong: WebAuthn Level 3 §5.4.2, §5.11.
struct PasskeySettings: Sendable {
    /// The RP ID; nil where the issuer's host is an address, to which no browser binds a passkey.
    let domain: String?
    /// Further origins whose pages may use the passkeys.
    let relatedOrigins: [String]

    init(_ reader: inout SettingsReader, _ issuer: Issuer) {
        let host = String(issuer.host.prefix { $0 != ":" })
        let isAddress = host.hasPrefix("[") || host.split(separator: ".").last?.allSatisfy(\.isNumber) == true
        var domain = isAddress ? nil : host
        if let text = reader.text(.passkeyDomain) {
            if domain == text || (!isAddress && host.hasSuffix("." + text) && text.contains(".")) {
                domain = text
            } else {
                reader.report(
                    .passkeyDomain, "is not the issuer's host, nor a domain that it belongs to",
                    "Write \(isAddress ? "nothing: browsers bind no passkeys to an address" : host), or leave it out.")
            }
        }
        self.domain = domain
        relatedOrigins = reader.list(.passkeyOrigins).filter { text in
            guard let origin = Issuer(text), origin.isSecure, origin.path.isEmpty else {
                reader.report(
                    .passkeyOrigins, "has an origin that is none",
                    "Write https and a host in small letters, such as https://login.example.net, without a path.")
                return false
            }
            return text != issuer.origin
        }
    }

    /// The passkeys of an issuer; nil where there can be none.
    func passkeys(
        _ environment: ServerEnvironment, _ masterKey: MasterKey, rates: RequestRates,
        telling notices: AccountNotices, audit: AuditTrail
    ) -> Passkeys? {
        domain.map { domain in
            Passkeys(
                environment.storage, domain: domain, name: environment.issuer.host,
                origins: [environment.issuer.origin] + relatedOrigins, masterKey: masterKey, clock: environment.clock,
                random: environment.random, rates: rates, telling: notices, audit: audit)
        }
    }
}
