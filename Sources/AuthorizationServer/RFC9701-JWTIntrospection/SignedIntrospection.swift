import JOSE
import JSON
import OAuthTypes
public import Stores

/// An answer about a token that can be kept as evidence: RFC 9701 §5.
struct SignedIntrospection: JSONEncodable, Sendable {
    static let type: JWSType = "token-introspection+jwt"

    let issuer: Issuer
    let audience: ClientID
    let issuedAt: Timestamp
    let response: IntrospectionResponse

    /// No `sub` and no `exp` at the top: nobody may take it for an access token (§8.1).
    func encode(to writer: inout JSONWriter) {
        writer.object {
            $0.member("iss", issuer.url)
            $0.member("aud", audience.rawValue)
            $0.member("iat", issuedAt.seconds)
            $0.member("token_introspection", response)
        }
    }
}

extension IntrospectionEndpoint {
    /// The media type that asks for such an answer, and that it has: §4, §5.
    public static let signedType = "application/token-introspection+jwt"

    /// The answer as a token for the client that asked: signed with what it registered, RS256 unless it did (§6).
    public func sign(_ response: IntrospectionResponse, for client: Client) async throws -> String {
        let claims = SignedIntrospection(
            issuer: environment.issuer, audience: client.id, issuedAt: environment.clock.now, response: response)
        let token = try await signers(of: client).introspection.sign(claims)
        guard let algorithm = client.metadata.introspectionEncryptedResponseAlg else { return token }
        let encrypter = try await environment.encrypter(
            for: client, algorithm, client.metadata.introspectionEncryptedResponseEnc, content: .jwt)
        return try encrypter.encrypt(token)
    }

    /// Where there is no RS256 key and nobody asked for it, the one that everything else is signed with.
    private func signers(of client: Client) throws -> KeyRing.Signers {
        let keys = environment.keys
        if let algorithm = client.metadata.introspectionSignedResponseAlg {
            guard let signers = keys.signers(for: algorithm) else { throw KeyRing.LoadError.noKey(algorithm) }
            return signers
        }
        guard let signers = keys.signers(for: .rs256) ?? keys.signers else { throw KeyRing.LoadError.noCurrentKey }
        return signers
    }

    static func encodeSignedMetadata(_ algorithms: [SignatureAlgorithm], to writer: inout JSONWriter) {
        writer.member("introspection_signing_alg_values_supported", algorithms.map(\.rawValue))
        AnswerEncryption.encodeMetadata(of: "introspection", to: &writer)
    }
}
