import JOSE
import JSON
import OAuthTypes
import Stores

/// An ID token: OpenID Connect Core §2.
///
/// Claims of the profile come from the UserInfo endpoint (§5.4), but for those that were asked for here by name (§5.5).
struct IDToken: JSONEncodable, Sendable {
    static let type = JWSType.jwt

    let issuer: Issuer
    let grant: Grant
    /// `sub`.
    let subject: String
    /// `sid`: what the session is called at the client.
    let session: String
    /// `jti`; nil where nothing needs it.
    let identifier: String?
    let nonce: String?
    /// `c_hash`: §3.3.2.11.
    let codeHash: String?
    /// `acr`.
    let context: String
    let told: [PersonClaims.Told]
    let mapped: MappedClaims
    let issuedAt: Timestamp
    let expiresAt: Timestamp

    func encode(to writer: inout JSONWriter) {
        writer.object {
            $0.member("iss", issuer.url)
            $0.member("sub", subject)
            $0.member("aud", grant.clientID.rawValue)
            $0.member("iat", issuedAt.seconds)
            $0.member("exp", expiresAt.seconds)
            $0.member("auth_time", grant.authenticatedAt.seconds)
            $0.member("nonce", nonce)
            $0.member("c_hash", codeHash)
            // Of who was proven elsewhere nothing is known that nobody vouches for.
            if !grant.methods.isEmpty {
                $0.member("acr", context)
                $0.member("amr", grant.methods.map(\.rawValue))
            }
            $0.member("sid", session)
            $0.member("jti", identifier)
            for claim in told { $0.member(named: claim.name.description, claim.value) }
            mapped.encodeMembers(to: &$0)
        }
    }
}

extension IDToken {
    /// The `jti` of a token for a client with pairwise subjects.
    ///
    /// Nothing else in it says to us whose it is, once its session is over and it comes back as a hint. The client knows
    /// the grant by its access token.
    static func identifier(of grant: Grant, for client: Client, at now: Timestamp) -> String? {
        guard client.metadata.subjectType == .pairwise else { return nil }
        return "\(grant.id).\(now.microseconds)"
    }

    fileprivate static func grant(named identifier: String) -> GrantID? {
        let parts = identifier.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 ? GrantID(rawValue: String(parts[0])) : nil
    }
}

/// An ID token of ours that comes back as a hint: its age does not matter, its signature does (Core §3.1.2.2).
struct IDTokenHint: Sendable {
    /// What the person is called at the client that the token was made for.
    let subject: String
    /// What the session is called there.
    let session: String?
    /// What it came of, where it says so.
    let grant: GrantID?
    let audience: ClientID

    init?(_ token: String, keys: KeyRing, issuer: Issuer) {
        // Neither age nor audience matters here; the type keeps access tokens out.
        let expectation = JWTExpectation(
            type: .exactly(IDToken.type),
            issuer: .exactly(issuer.url),
            audience: .anyone,
            expiry: .ignored,
            now: .max,
            leeway: 0
        )
        guard let published = keys.published,
            let jwt = try? VerifiedJWT(token, signedBy: published, as: expectation),
            // Other JWTs of ours of the same type say nothing of a sign-in.
            jwt.claims["auth_time"] != nil,
            let subject = jwt.claims.subject,
            let audience = jwt.claims.audience.first.flatMap({ ClientID($0) })
        else { return nil }
        self.subject = subject
        session = jwt.claims["sid"]?.string
        grant = jwt.claims.jwtID.flatMap(IDToken.grant(named:))
        self.audience = audience
    }
}
