import JOSE
import JSON
import OAuthTypes
import Stores

/// Whose software statements count: RFC 7591 §2.3.
public struct SoftwareStatementPolicy: Sendable, Equatable {
    /// Somebody whose statements are trusted.
    struct Authority: Sendable, Equatable {
        let issuer: String
        let keys: Keys
    }

    /// Where the keys of one are: in the operator's file, or at an address, where they may be replaced.
    enum Keys: Sendable, Equatable {
        case known(JWKSet)
        case remote(WebAddress)
    }

    /// What an operator may demand that a statement says: §2.3 leaves all of it out.
    enum Demand: String, Sendable, CaseIterable {
        /// When it ends.
        case expiry = "exp"
        /// That it is for this server.
        case audience = "aud"
        /// What software it is about.
        case software = "software_id"
    }

    /// Whether nobody registers a client without one.
    public private(set) var isRequired = false
    private var demands: Set<Demand> = []
    private var authorities: [Authority] = []

    /// Nobody's.
    public init() {}

    private static let name = "software_statements"

    /// Reads the member of the operator's file; what is not known in it is a mistake of theirs.
    init(_ document: JSONObject) throws(RegistrationRefusal) {
        for member in document where !["required", "required_claims", "issuers"].contains(member.name) {
            throw RegistrationRefusal(SoftwareStatementPolicy.name, "has a member that does not exist")
        }
        if let required = document["required"] {
            guard let required = required.bool else {
                throw RegistrationRefusal(SoftwareStatementPolicy.name, "has a member required that is no truth value")
            }
            isRequired = required
        }
        if let value = document["required_claims"] {
            let words = value.array?.map { $0.string.flatMap(Demand.init(rawValue:)) } ?? [nil]
            guard !words.contains(nil) else {
                throw RegistrationRefusal(
                    SoftwareStatementPolicy.name,
                    "has a member required_claims that is no list of exp, aud, software_id")
            }
            demands = Set(words.compactMap(\.self))
        }
        guard let entries = document["issuers"]?.array, !entries.isEmpty else {
            throw RegistrationRefusal(SoftwareStatementPolicy.name, "needs issuers, a list of those who are trusted")
        }
        for entry in entries {
            guard let issuer = entry.object?["issuer"]?.string, !issuer.isEmpty,
                let keys = entry.object.flatMap(Keys.init),
                !authorities.contains(where: { $0.issuer.utf8.elementsEqual(issuer.utf8) })
            else {
                throw RegistrationRefusal(
                    SoftwareStatementPolicy.name,
                    "needs issuer, and jwks, the public keys, or jwks_uri, for each issuer once")
            }
            authorities.append(Authority(issuer: issuer, keys: keys))
        }
    }

    /// What a statement vouches for, in place of what the document says itself (§2.3); the document where there is none.
    func applied(to members: JSONObject, in environment: ServerEnvironment) async throws -> JSONObject {
        guard let value = members["software_statement"], !value.isNull else {
            guard !isRequired else { throw SoftwareStatementPolicy.invalid("is missing, and needed here") }
            return members
        }
        guard let statement = value.string, let unverified = try? UnverifiedJWT(parsing: statement),
            let claims = try? unverified.unverifiedClaims(), let issuer = claims.issuer
        else { throw SoftwareStatementPolicy.invalid("must be a signed JWT that names its issuer") }
        guard let authority = authorities.first(where: { $0.issuer.utf8.elementsEqual(issuer.utf8) }) else {
            throw RegistrationRefusal(
                .unapprovedSoftwareStatement, "software_statement", "is of nobody who is trusted here")
        }
        guard let keys = await authority.keys.set(with: unverified.header.keyID, in: environment) else {
            throw SoftwareStatementPolicy.invalid("cannot be verified now: the keys of its issuer are out of reach")
        }
        // It says nothing of when it ends unless it wants to or the operator wants it to, and of whom it is for as little.
        let isForAnyone = claims.audience.isEmpty && !demands.contains(.audience)
        let expectation = JWTExpectation(
            type: .absentOr(.jwt), issuer: .exactly(authority.issuer),
            audience: isForAnyone ? .anyone : .contains(environment.issuer.url),
            expiry: demands.contains(.expiry) ? .required : .optional, now: environment.clock.now.seconds,
            leeway: environment.policy.clockLeeway.wholeSeconds)
        guard let jwt = try? unverified.verified(with: keys, as: expectation) else {
            throw SoftwareStatementPolicy.invalid(
                "is not signed by a key of its issuer, not for this server, or too old")
        }
        guard !SoftwareStatementPolicy.isOtherwiseMeant(jwt.claims) else {
            throw SoftwareStatementPolicy.invalid("is another token of its issuer")
        }
        guard !demands.contains(.software) || jwt.claims["software_id"]?.string?.isEmpty == false else {
            throw SoftwareStatementPolicy.invalid("must say software_id here")
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

    /// Whether it is a token for something else, which an issuer of several kinds may sign with the same keys: an ID
    /// token, an access token, a security event (RFC 8725 §2.8).
    private static func isOtherwiseMeant(_ claims: JWTClaims) -> Bool {
        let others = ["nonce", "events", "auth_time", "at_hash", "c_hash", "sid", "azp", "cnf", "act", "htu"]
        return others.contains { claims[$0] != nil } || claims["scope"] != nil && claims["client_id"] != nil
    }

    private static func invalid(_ reason: StaticString) -> RegistrationRefusal {
        RegistrationRefusal(.invalidSoftwareStatement, "software_statement", reason)
    }
}

extension SoftwareStatementPolicy.Keys {
    /// Nil for anything but one of the two.
    init?(_ entry: JSONObject) {
        switch (entry["jwks"], entry["jwks_uri"]) {
        case (let value?, nil):
            guard let keys = value.object.flatMap({ try? JWKSet($0) }), !keys.keys.isEmpty else { return nil }
            self = .known(keys)
        case (nil, let value?):
            guard let address = value.string.flatMap({ WebAddress($0) }), address.isSecure else { return nil }
            self = .remote(address)
        default: return nil
        }
    }

    /// The keys, with the one of that `kid` where it can be had.
    func set(with keyID: String?, in environment: ServerEnvironment) async -> JWKSet? {
        switch self {
        case .known(let keys): keys
        case .remote(let address): await environment.clientKeys.keys(at: address, with: keyID)
        }
    }
}
