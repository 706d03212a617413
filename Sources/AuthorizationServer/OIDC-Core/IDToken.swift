import JOSE
import JSON
import OAuthTypes
import Stores

/// An ID token: OpenID Connect Core §2.
///
/// Claims of the profile come from the UserInfo endpoint (§5.4).
struct IDToken: Sendable {
    static let type: StaticString = "JWT"

    let grant: Grant
    let nonce: String?

    func signed(by signer: JWTSigner, in environment: ServerEnvironment) throws -> String {
        let now = environment.clock.now
        return try signer.sign(type: IDToken.type) { writer in
            writer.object {
                $0.member("iss", environment.issuer.url)
                $0.member("sub", grant.userID.rawValue)
                $0.member("aud", grant.clientID.rawValue)
                $0.member("iat", now.seconds)
                $0.member("exp", (now + environment.policy.idTokenLifetime).seconds)
                $0.member("auth_time", grant.authenticatedAt.seconds)
                $0.member("nonce", nonce)
                $0.member("amr", grant.methods.map(\.rawValue))
                $0.member("sid", grant.sessionID.rawValue)
            }
        }
    }
}

/// An ID token of ours that comes back as a hint: its age does not matter, its signature does (Core §3.1.2.2).
struct IDTokenHint: Sendable {
    let userID: UserID
    let sessionID: SessionID?
    let audience: ClientID

    init?(_ token: String, keys: KeyRing, issuer: Issuer) {
        guard let verification = keys.verification,
            let jwt = try? VerifiedJWT(
                expiredOrNot: token,
                type: IDToken.type,
                issuer: issuer.url,
                keys: verification
            ),
            let subject = jwt.claims["sub"]?.string,
            let audience = jwt.claims["aud"]?.string.flatMap({ ClientID($0) })
        else { return nil }
        userID = UserID(rawValue: subject)
        sessionID = jwt.claims["sid"]?.string.map { SessionID(rawValue: $0) }
        self.audience = audience
    }
}
