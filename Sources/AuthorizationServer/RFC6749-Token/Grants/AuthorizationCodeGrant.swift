import OAuthTypes
import Stores

/// Authorization code grant: RFC 6749 §4.1.3, RFC 7636 §4.6.
///
/// Proves first and spends last: a request that fails a check leaves the code good for the one that passes.
struct AuthorizationCodeGrant: TokenGrant {
    let environment: ServerEnvironment
    let issue: TokenIssue

    init(_ environment: ServerEnvironment, _ issue: TokenIssue) {
        self.environment = environment
        self.issue = issue
    }

    func respond(to form: FormParameters, from client: Client) async throws -> TokenResponse {
        guard let presented = form[.code] else {
            throw OAuthError(
                .invalidRequest, "code is missing",
                advice: "the request has no code; the authorization response has it", rule: "RFC 6749 §4.1.3")
        }
        let verifier = try form[.codeVerifier].map { (text) throws(OAuthError) in try CodeVerifier(text) }
        let digest = TokenDigest(of: presented)
        let now = environment.clock.now
        guard let issued = try await environment.storage.codes.find(digest, at: now) else {
            throw try await unknown(digest, at: now)
        }
        let code = issued.code
        guard code.clientID == client.id else {
            throw OAuthError(
                .invalidGrant, "the code was issued to another client",
                advice: "the code was issued to \(code.clientID), and \(client.id) sent it",
                rule: "RFC 6749 §4.1.3, §5.2")
        }
        // The proof key already binds the code to who asked, so a missing redirect_uri is no harm (OAuth 2.1 §10.2).
        guard form[.redirectURI].map({ $0.utf8.elementsEqual(code.redirectURI.utf8) }) ?? true else {
            throw OAuthError(
                .invalidGrant, "redirect_uri differs from the one of the authorization request",
                advice: "the authorization request had \(code.redirectURI)", rule: "RFC 6749 §4.1.3")
        }
        switch (code.codeChallenge, verifier) {
        case (let challenge?, let verifier?) where verifier.proves(challenge): break
        case (nil, nil):
            // §4.1.3: nothing else binds the code to the request.
            guard form[.redirectURI] != nil else {
                throw OAuthError(
                    .invalidGrant, "redirect_uri of the authorization request is missing",
                    advice: "the authorization request had \(code.redirectURI)", rule: "RFC 6749 §4.1.3")
            }
        case (nil, _?):
            // RFC 9700 §2.1.1: somebody took the challenge out of the request.
            throw OAuthError(
                .invalidGrant, "code_verifier came for a request that had no code_challenge",
                advice:
                    "the authorization request came without code_challenge: somebody took it out, or the client left it out",
                rule: "RFC 9700 §4.8.2, RFC 7636 §4.6")
        default:
            throw OAuthError(
                .invalidGrant, "code_verifier does not answer the code_challenge",
                advice: verifier == nil
                    ? "the request has no code_verifier"
                    : "code_challenge must be the SHA-256 of this code_verifier in base64url without padding",
                rule: "RFC 7636 §4.6")
        }
        guard issued.grant.revokedAt == nil else {
            throw OAuthError(
                .invalidGrant, "the grant was withdrawn",
                advice:
                    "the person, an operator, a sign-out or a second use of the code ended what the code stands for",
                rule: "RFC 6749 §4.1.2, §5.2")
        }
        let target = try await TokenTarget(
            ResourceIndicators.read(form), of: issued.grant.resources, scopes: issued.grant.scopes, for: client,
            in: environment)
        let kept = try await issue.kept(of: issued.grant, for: client, target)
        switch try await environment.storage.codes.redeem(digest, at: now) {
        case .fresh:
            // The grant as read before: a replay that comes right behind revokes it, and one must have won.
            return try await issue.tokens(
                of: issued.grant, for: client, target, nonce: code.nonce, kept: kept)
        case .replayed(let grantID):
            // RFC 6749 §4.1.2: the code is in two hands, so nothing that came of it can be trusted.
            try await environment.storage.grants.revoke(grantID, at: now)
            throw OAuthError(
                .invalidGrant, "the code was used before; what it issued is revoked", revoking: grantID.rawValue,
                advice:
                    "a code is good once: where its answer was lost, the client begins anew; or somebody else has the code, too",
                rule: "RFC 6749 §4.1.2, §10.5")
        case .unknown: throw try await unknown(digest, at: now)
        }
    }

    /// One answer for both; the operator is told which, where the code is still kept.
    private func unknown(_ digest: TokenDigest, at now: Timestamp) async throws -> OAuthError {
        let late = try await environment.storage.codes.find(digest, at: now - .seconds(3600))
        let advice =
            late.map { issued in
                let age = (now - issued.code.issuedAt).wholeSeconds
                let lifetime = (issued.code.expiresAt - issued.code.issuedAt).wholeSeconds
                return "the code was \(age) seconds old, and is good for \(lifetime): MARTLET_CODE_LIFETIME"
            } ?? "no code is kept that reads so: it was changed on the way, is of another server, or is long over"
        return OAuthError(
            .invalidGrant, "the code is unknown or has expired", advice: advice, rule: "RFC 6749 §4.1.2, §5.2")
    }
}
