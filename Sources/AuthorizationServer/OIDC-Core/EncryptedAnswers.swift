import JOSE
import JSON
import OAuthTypes
import Stores

/// Answers that only their client can read: OpenID Connect Core §10.2, RFC 9701 §6.
///
/// Signed first, encrypted then: to the first key of the client that is good for the algorithm, among those it registered or
/// those at its `jwks_uri`.
extension ServerEnvironment {
    /// An encrypter to a client; throws `OAuthError` where it has no key that will do.
    func encrypter(
        for client: Client, _ algorithm: KeyManagementAlgorithm, _ encryption: ContentEncryption?, content: JWSType?
    ) async throws -> JWEEncrypter {
        let keys = await clientKeys.encryptionKeys(of: client) { $0.algorithms.contains(algorithm) }
        guard let key = keys.first else {
            throw OAuthError(
                .serverError, "the client has no key that this answer could be encrypted to",
                cause: "client \(client.id) wants \(algorithm.rawValue)", rule: "OpenID Connect Core §10.2")
        }
        // Registration §2: what holds where no other is named.
        return try JWEEncrypter(
            to: key, algorithm: algorithm, encryption: encryption ?? .a128CBCHS256, contentType: content)
    }

    /// What the ID tokens of a client are encrypted with; nil where they are only signed.
    ///
    /// Asked for before anything is spent: the client's keys may be out of reach.
    func idTokenEncrypter(for client: Client) async throws -> JWEEncrypter? {
        guard let algorithm = client.metadata.idTokenEncryptedResponseAlg else { return nil }
        return try await encrypter(
            for: client, algorithm, client.metadata.idTokenEncryptedResponseEnc, content: .jwt)
    }
}

/// What answers can be encrypted with, to a key of the client's own.
enum AnswerEncryption {
    private static let algorithms: [KeyManagementAlgorithm] = [
        .rsaOAEP, .rsaOAEP256, .ecdhES, .ecdhESA128KW, .ecdhESA256KW,
    ]

    /// The members about one kind of answer: `id_token`, `userinfo` or `introspection`.
    static func encodeMetadata(of kind: String, to writer: inout JSONWriter) {
        writer.member(named: kind + "_encryption_alg_values_supported", strings(algorithms.map(\.rawValue)))
        writer.member(
            named: kind + "_encryption_enc_values_supported", strings(ContentEncryption.allCases.map(\.rawValue)))
    }

    private static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
