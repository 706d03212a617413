import JOSE
import JSON

/// Who may sign for a connector: one issuer, or one for each tenant of a provider that serves many.
struct UpstreamIssuer: Sendable {
    private let exact: String?
    private let template: (head: String, tail: String)?
    private let tenants: [String]?

    private static let mark = "{tenantid}"

    init(_ settings: ConnectorSettings) {
        tenants = settings.tenants
        guard let text = settings.issuerTemplate, let place = UpstreamIssuer.place(in: text) else {
            exact = settings.issuer
            template = nil
            return
        }
        exact = nil
        template = (String(text[..<place.lowerBound]), String(text[place.upperBound...]))
    }

    /// The issuer that a token must be of, by the tenant that it claims; the signature proves it afterwards.
    func expected(of token: String) throws(UpstreamFault) -> String {
        guard let template else { return exact ?? "" }
        let claims = try? UnverifiedJWT(parsing: token).unverifiedClaims()
        guard let tenant = claims?["tid"]?.string, UpstreamIssuer.isTenant(tenant), admits(tenant) else {
            throw .untrusted(.otherTenant)
        }
        return template.head + tenant + template.tail
    }

    /// The subject, with the tenant in front where there are many: no tenant can speak for the people of another.
    func subject(_ subject: String, in claims: JWTClaims) -> String {
        guard template != nil, let tenant = claims["tid"]?.string else { return subject }
        return tenant + "/" + subject
    }

    /// Whether an answer may name that issuer: RFC 9207 §2.4.
    func admits(named issuer: String) -> Bool {
        guard let template else { return exact.map { $0.utf8.elementsEqual(issuer.utf8) } ?? true }
        guard issuer.hasPrefix(template.head), issuer.hasSuffix(template.tail) else { return false }
        let tenant = String(issuer.dropFirst(template.head.count).dropLast(template.tail.count))
        return UpstreamIssuer.isTenant(tenant) && admits(tenant)
    }

    private func admits(_ tenant: String) -> Bool { tenants?.contains(tenant) ?? true }

    /// A number as Microsoft writes them: nothing that could make the issuer another host.
    private static func isTenant(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12]
            && text.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }

    private static func place(in text: String) -> Range<String.Index>? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(mark) { return start..<text.index(start, offsetBy: mark.count) }
            start = text.index(after: start)
        }
        return nil
    }
}
