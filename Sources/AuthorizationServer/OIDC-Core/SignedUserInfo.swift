import JOSE
import JSON
import OAuthTypes
import Stores

/// What the UserInfo endpoint says as a JWT: OpenID Connect Core §5.3.2.
struct SignedUserInfo: JSONEncodable, Sendable {
    let issuer: Issuer
    let audience: ClientID
    let issuedAt: Timestamp
    let response: UserInfoEndpoint.Response

    func encode(to writer: inout JSONWriter) {
        writer.object {
            $0.member("iss", issuer.url)
            $0.member("aud", audience.rawValue)
            $0.member("iat", issuedAt.seconds)
            response.encodeMembers(to: &$0)
        }
    }
}

extension UserInfoEndpoint {
    /// An answer in the form that the client registered.
    public enum Answer: Sendable {
        /// JSON.
        case claims(Response)
        /// A JWT: signed, encrypted, or one in the other.
        case token(String)
    }

    /// Answers the holder of an access token as the client registered it: Registration §2.
    public func answer(to token: BearerToken) async throws -> Answer {
        let (response, client) = try await find(token)
        let metadata = client.metadata
        let signs = metadata.userinfoSignedResponseAlg
        guard signs != nil || metadata.userinfoEncryptedResponseAlg != nil else { return .claims(response) }
        var text = String(decoding: response.jsonBytes(), as: UTF8.self)
        if let signs {
            guard let signers = environment.keys.signers(for: signs) else { throw KeyRing.LoadError.noKey(signs) }
            let claims = SignedUserInfo(
                issuer: environment.issuer, audience: client.id, issuedAt: environment.clock.now, response: response)
            text = try await signers.idToken.sign(claims)
        }
        guard let algorithm = metadata.userinfoEncryptedResponseAlg else { return .token(text) }
        let encrypter = try await environment.encrypter(
            for: client, algorithm, metadata.userinfoEncryptedResponseEnc, content: signs == nil ? nil : .jwt)
        return .token(try encrypter.encrypt(text))
    }
}
