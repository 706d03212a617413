import OAuthTypes

extension CodeChallenge {
    /// The challenge of an authorization request, which every client must send: RFC 7636 §4.4.1, RFC 9700 §2.1.1.
    init(requiredIn parameters: FormParameters) throws(OAuthError) {
        guard let text = parameters[.codeChallenge] else {
            throw OAuthError(.invalidRequest, "code_challenge is required (RFC 7636)")
        }
        // Left out it would mean `plain` (§4.3), which anybody who reads the request could answer.
        guard parameters[.codeChallengeMethod] == "S256" else {
            throw OAuthError(.invalidRequest, "code_challenge_method must be S256")
        }
        guard let challenge = CodeChallenge(text) else {
            throw OAuthError(.invalidRequest, "code_challenge must be 43 base64url characters")
        }
        self = challenge
    }
}
