internal import JOSE
internal import JSON

/// Verifies ID tokens for a client: OpenID Connect Core §3.1.3.7.
public struct IDTokenVerifier: Sendable {
    /// The nonce that a token must have.
    public enum Nonce: Sendable {
        /// The one of the request.
        case exactly(String)
        /// That one or none: for the token that comes with a refresh (§12.2).
        case absentOr(String)
        /// None, for the request had none.
        case absent
    }

    private let check: TokenCheck
    private let clientID: String
    /// Audiences beside the client that are no reason to refuse a token.
    private let trustedAudiences: Set<String>

    /// A verifier for the tokens of one client.
    ///
    /// - Parameter rules: whose only audience is the identifier of the client; of several the first one is.
    public init(
        _ rules: TokenRules, keys: IssuerKeys, trustedAudiences: Set<String> = [],
        clock: any VerifierClock = SystemVerifierClock()
    ) {
        clientID = rules.audiences.first ?? ""
        var own = TokenRules(issuer: rules.issuer, audiences: Array(rules.audiences.prefix(1)))
        own.algorithms = rules.algorithms
        own.leeway = rules.leeway
        check = TokenCheck(rules: own, keys: keys, clock: clock)
        self.trustedAudiences = trustedAudiences
    }

    /// Verifies a token.
    ///
    /// - Parameters:
    ///   - nonce: what the request demanded.
    ///   - maxAge: how long ago the person may have signed in, if the request had `max_age`.
    public func verify(
        _ token: String, nonce: Nonce, maxAge: Duration? = nil
    ) async throws(TokenRefusal) -> VerifiedIDToken {
        let keys = try await check.currentKeys()
        let jwt = try await check.verify(token, .absentOr(.jwt), with: keys).jwt
        let claims = jwt.claims
        // §2.
        guard let subject = claims.subject, !subject.isEmpty else { throw .invalidToken(.jwt(.missingClaim(.subject))) }
        guard claims.issuedAt != nil else { throw .invalidToken(.jwt(.missingClaim(.issuedAt))) }
        // §3.1.3.7 steps 3 to 5.
        let others = claims.audience.filter { !isSame($0, clientID) }
        guard others.allSatisfy(trustedAudiences.contains) else { throw .invalidToken(.untrustedAudience) }
        switch claims["azp"] {
        case nil: guard others.isEmpty else { throw .invalidToken(.missingClaim("azp")) }
        case .string(let party) where isSame(party, clientID): break
        default: throw .invalidToken(.wrongAuthorizedParty)
        }
        try checkNonce(claims, nonce)  // step 11
        if let maxAge { try checkAge(claims, maxAge) }  // step 13
        guard let algorithm = SignatureAlgorithm(named: jwt.header.algorithm) else {
            throw .invalidToken(.jwt(.wrongAlgorithm))
        }
        return VerifiedIDToken(subject: subject, claims: claims, algorithm: algorithm)
    }

    private func checkNonce(_ claims: JWTClaims, _ expected: Nonce) throws(TokenRefusal) {
        let isRight =
            switch (expected, claims["nonce"]) {
            case (.exactly(let expected), .string(let nonce)), (.absentOr(let expected), .string(let nonce)):
                constantTimeEquals(expected, nonce)
            case (.absentOr, nil), (.absent, nil): true
            default: false
            }
        guard isRight else { throw .invalidToken(.wrongNonce) }
    }

    private func checkAge(_ claims: JWTClaims, _ maxAge: Duration) throws(TokenRefusal) {
        guard let moment = claims["auth_time"]?.integer else { throw .invalidToken(.missingClaim("auth_time")) }
        let longest = min(max(maxAge.components.seconds, 0), 1 << 40) + check.rules.leewaySeconds
        guard check.clock.seconds - moment <= longest else { throw .invalidToken(.staleAuthentication) }
    }

    /// RFC 7519 §2: byte for byte.
    private func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
}
