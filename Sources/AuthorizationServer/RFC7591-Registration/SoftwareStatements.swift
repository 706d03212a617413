import JOSE
import JSON
import OAuthTypes
import Stores

/// Whose software statements count: RFC 7591 §2.3.
public struct SoftwareStatementPolicy: Sendable, Equatable {
    /// Somebody whose statements are trusted.
    struct Authority: Sendable, Equatable {
        let issuer: String
        let keys: JWKSet
    }

    /// Whether nobody registers a client without one.
    public private(set) var isRequired = false
    private var authorities: [Authority] = []

    /// Nobody's.
    public init() {}

    private static let name = "software_statements"

    /// Reads the member of the operator's file; what is not known in it is a mistake of theirs.
    init(_ document: JSONObject) throws(RegistrationRefusal) {
        for member in document where !["required", "issuers"].contains(member.name) {
            throw RegistrationRefusal(SoftwareStatementPolicy.name, "has a member that does not exist")
        }
        if let required = document["required"] {
            guard let required = required.bool else {
                throw RegistrationRefusal(SoftwareStatementPolicy.name, "has a member required that is no truth value")
            }
            isRequired = required
        }
        guard let entries = document["issuers"]?.array, !entries.isEmpty else {
            throw RegistrationRefusal(SoftwareStatementPolicy.name, "needs issuers, a list of those who are trusted")
        }
        for entry in entries {
            guard let issuer = entry.object?["issuer"]?.string, !issuer.isEmpty,
                let keys = entry.object?["jwks"]?.object.flatMap({ try? JWKSet($0) }), !keys.keys.isEmpty,
                !authorities.contains(where: { $0.issuer.utf8.elementsEqual(issuer.utf8) })
            else {
                throw RegistrationRefusal(
                    SoftwareStatementPolicy.name, "needs issuer and jwks, the public keys, for each issuer once")
            }
            authorities.append(Authority(issuer: issuer, keys: keys))
        }
    }

    /// What a statement vouches for, in place of what the document says itself (§2.3); the document where there is none.
    func applied(
        to members: JSONObject, by server: Issuer, at now: Timestamp, leeway: Duration
    ) throws(RegistrationRefusal) -> JSONObject {
        guard let value = members["software_statement"], !value.isNull else {
            guard !isRequired else { throw SoftwareStatementPolicy.invalid("is missing, and needed here") }
            return members
        }
        guard let statement = value.string,
            let claims = try? UnverifiedJWT(parsing: statement).unverifiedClaims(), let issuer = claims.issuer
        else { throw SoftwareStatementPolicy.invalid("must be a signed JWT that names its issuer") }
        guard let authority = authorities.first(where: { $0.issuer.utf8.elementsEqual(issuer.utf8) }) else {
            throw RegistrationRefusal(
                .unapprovedSoftwareStatement, "software_statement", "is of nobody who is trusted here")
        }
        // It says nothing of when it ends unless it wants to, and of whom it is for as little.
        let expectation = JWTExpectation(
            type: .absentOr(.jwt), issuer: .exactly(authority.issuer),
            audience: claims.audience.isEmpty ? .anyone : .contains(server.url), expiry: .optional, now: now.seconds,
            leeway: leeway.wholeSeconds)
        guard let jwt = try? VerifiedJWT(statement, signedBy: authority.keys, as: expectation) else {
            throw SoftwareStatementPolicy.invalid(
                "is not signed by a key of its issuer, not for this server, or too old")
        }
        let vouched = jwt.claims.members.filter { !SoftwareStatementPolicy.ofTheToken.contains($0.name) }
        // A member is vouched for in every language: a translation of the registrant's own would pass for the statement's.
        let names = Set(vouched.map { SoftwareStatementPolicy.withoutLanguage($0.name) })
        var result = members
        for member in members where names.contains(SoftwareStatementPolicy.withoutLanguage(member.name)) {
            result[member.name] = nil
        }
        for claim in vouched { result[claim.name] = claim.value }
        return result
    }

    /// The member that a name stands for: `client_name` of `client_name#de` (§2.2).
    private static func withoutLanguage(_ name: String) -> String { String(name.prefix { $0 != "#" }) }

    /// RFC 7519 §4.1: these say something of the statement, not of the client.
    private static let ofTheToken: Set<String> = [
        "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "software_statement",
    ]

    private static func invalid(_ reason: StaticString) -> RegistrationRefusal {
        RegistrationRefusal(.invalidSoftwareStatement, "software_statement", reason)
    }
}
