import JOSE
import JSON
import OAuthTypes
import Stores

extension Preset {
    /// Apple: the secret is the private key that Apple gave out, which signs a secret for each request; with
    /// `team_id` and `key_id`.
    ///
    /// Name and address are given only where the answer is posted, and the name only the first time.
    static let apple = Preset(
        "apple", .openID, title: "Apple", registration: "developer.apple.com, a Services ID and a key for it",
        fixed: { (settings: inout ConnectorSettings) in
            settings.issuer = "https://appleid.apple.com"
            settings.scopes = ["openid", "name", "email"]
            settings.authentication = .signedSecret
            settings.responseMode = .formPost
        })
}

extension Upstream {
    /// How long such a secret counts; half a year would be allowed.
    private static let signedSecretLifetime: Int64 = 300

    /// A secret that is a JWT of ours: who we are there, signed by the key of the team.
    func signedSecret() throws(UpstreamFault) -> String {
        guard let secret else { throw .misconfigured(.noSecret) }
        let pem = secret.withBytes { bytes in bytes.withUnsafeBufferPointer { Array($0) } }
        guard let key = try? PrivateKeyFile.read(pem), key.algorithm == .es256,
            let named = try? key.named(settings.keyID ?? "")
        else { throw .misconfigured(.wrongKey) }
        let now = parts.clock.now.seconds
        let claims = SignedSecretClaims(
            team: settings.teamID ?? "", client: settings.clientID ?? "", audience: settings.issuer ?? "", now: now,
            end: now + Upstream.signedSecretLifetime)
        guard let token = try? JWTSigner(key: named, type: nil).sign(claims) else { throw .misconfigured(.wrongKey) }
        return token
    }
}

private struct SignedSecretClaims: JSONEncodable {
    let team, client, audience: String
    let now, end: Int64

    func encode(to writer: inout JSONWriter) {
        writer.object {
            $0.member("iss", team)
            $0.member("iat", now)
            $0.member("exp", end)
            $0.member("aud", audience)
            $0.member("sub", client)
        }
    }
}
