import OAuthTypes
import Stores

extension CodeChallenge {
    /// The challenge of an authorization request, which every client must send: RFC 7636 §4.4.1, RFC 9700 §2.1.1.
    ///
    /// Nil where there is none and the operator lets this client, which keeps a secret, do without.
    init?(in parameters: FormParameters, of client: Client) throws(OAuthError) {
        guard let text = parameters[.codeChallenge] else {
            let mayLack = client.metadata.allows(.pkceOptional) && !client.isPublic
            if mayLack, parameters[.codeChallengeMethod] == nil { return nil }
            throw OAuthError(
                .invalidRequest, "code_challenge is required (RFC 7636)", nearest: .codeChallenge,
                rule: "RFC 7636 §4.3, §4.4.1")
        }
        // Left out it would mean `plain` (§4.3), which anybody who reads the request could answer.
        guard parameters[.codeChallengeMethod] == "S256" else {
            throw OAuthError(
                .invalidRequest, "code_challenge_method must be S256", nearest: .codeChallenge,
                rule: "RFC 7636 §4.2, §4.3")
        }
        guard let challenge = CodeChallenge(text) else {
            throw OAuthError(
                .invalidRequest, "code_challenge must be 43 base64url characters", nearest: .codeChallenge,
                rule: "RFC 7636 §4.2")
        }
        self = challenge
    }
}
