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
        let encrypter = try JWEEncrypter(
            for: client, algorithm, metadata.userinfoEncryptedResponseEnc, content: signs == nil ? nil : .jwt)
        return .token(try encrypter.encrypt(text))
    }
}

extension JWEEncrypter {
    /// An encrypter to the first key of a client that is good for the algorithm.
    ///
    /// Throws `OAuthError` where there is none among the keys that it registered by value.
    init(
        for client: Client, _ algorithm: KeyManagementAlgorithm, _ encryption: ContentEncryption?,
        content: JWSType?
    ) throws {
        let keys = client.metadata.jwks?["keys"]?.array?.compactMap(\.object) ?? []
        for jwk in keys where jwk["use"]?.string ?? "enc" == "enc" {
            guard let key = try? EncryptionKey(jwk: jwk) else { continue }
            // Registration §2: what holds where no other is named.
            if let encrypter = try? JWEEncrypter(
                to: key, algorithm: algorithm, encryption: encryption ?? .a128CBCHS256, contentType: content)
            {
                self = encrypter
                return
            }
        }
        throw OAuthError(
            .serverError, "the client has registered no key that this answer could be encrypted to",
            cause: "client \(client.id) wants \(algorithm.rawValue)")
    }
}
