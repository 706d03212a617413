import JOSE
import JSON
import OAuthTypes
import TokenVerifier

/// What a token must be.
struct TokenDemand: Sendable {
    enum Kind: Sendable {
        case accessToken(AccessTokenVerifier.Profile)
        /// Without a nonce, whatever the token has is taken.
        case idToken(nonce: String?)
    }

    let kind: Kind
    /// Empty for the issuer's own.
    let audiences: [String]

    func verdict(on token: DecodedToken, of issuer: String, _ keys: IssuerKeys) async -> TokenVerdict {
        let rules = TokenRules(issuer: issuer, audiences: audiences.isEmpty ? [issuer] : audiences)
        do throws(TokenRefusal) {
            return TokenVerdict(token, self, rules, refusal: nil, notes: try await verify(token, rules, keys))
        } catch {
            return TokenVerdict(token, self, rules, refusal: error, notes: [])
        }
    }

    /// What was left open.
    private func verify(
        _ token: DecodedToken, _ rules: TokenRules, _ keys: IssuerKeys
    ) async throws(TokenRefusal) -> [String] {
        switch kind {
        case .accessToken(let profile):
            let verifier = AccessTokenVerifier(
                rules, keys: keys, profile: profile, boundTokens: .callerVerifiesProof, remembering: 0)
            guard try await verifier.verify(token.text).isBound else { return [] }
            return ["It is bound to a key of the client (cnf), and worth nothing without a proof of that."]
        case .idToken(let nonce):
            let own = token.claims?["nonce"]?.string
            let demanded: IDTokenVerifier.Nonce = if let nonce { .exactly(nonce) } else { .absentOr(own ?? "") }
            _ = try await IDTokenVerifier(rules, keys: keys).verify(token.text, nonce: demanded)
            guard nonce == nil, own != nil else { return [] }
            return ["Its nonce was compared with nothing; --nonce does that."]
        }
    }
}
