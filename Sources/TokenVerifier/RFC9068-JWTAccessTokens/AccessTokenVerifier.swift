internal import JOSE

/// Verifies access tokens for a resource server: RFC 9068 §4.
///
/// ```swift
/// let keys = IssuerKeys(discoveredFrom: "https://id.example", by: try HTTPKeySetSource())
/// let rules = TokenRules(issuer: "https://id.example", audience: "https://api.example")
/// let verifier = AccessTokenVerifier(rules, keys: keys)
///
/// let token = try await verifier.verify(authorization: request.values(of: "Authorization"))
/// try token.require("orders.read")
/// ```
///
/// Tokens that were verified are remembered by their SHA-256, since a signature costs more than the rest together and
/// most tokens come many times; their time is looked at each time, and a token whose key has gone is verified anew. A
/// token that its issuer revokes is good until it ends, as with every JWT: short lives are what bounds that.
public final class AccessTokenVerifier: Sendable {
    /// Which access tokens the issuer makes.
    public enum Profile: Sendable {
        /// RFC 9068, as Martlet does: `typ` is `at+jwt`, so that no other JWT passes for one.
        case rfc9068
        /// A JWT of an issuer older than that: `typ` is `JWT` or missing, and what has marks of an ID token is refused.
        ///
        /// Only for an audience that no client has as its identifier.
        case plainJWT
    }

    /// What becomes of tokens that are bound to a key of the client (`cnf`).
    public enum BoundTokens: Sendable {
        /// They are refused: nobody here looks at the proof.
        case refused
        /// The caller compares `VerifiedAccessToken.confirmation` with a proof that it has verified.
        case callerVerifiesProof
    }

    let check: TokenCheck
    private let profile: Profile
    private let boundTokens: BoundTokens
    private let known: VerifiedTokens<VerifiedAccessToken>

    /// A verifier; it remembers 8,192 tokens unless told another number, and 8 MiB at most.
    public init(
        _ rules: TokenRules, keys: IssuerKeys, profile: Profile = .rfc9068, boundTokens: BoundTokens = .refused,
        remembering tokenLimit: Int = 8192, clock: any VerifierClock = SystemVerifierClock()
    ) {
        check = TokenCheck(rules: rules, keys: keys, clock: clock)
        self.profile = profile
        self.boundTokens = boundTokens
        known = VerifiedTokens(tokenLimit: tokenLimit, byteLimit: 8 * 1024 * 1024)
    }

    /// Verifies the token of a request, from the values of all its `Authorization` fields.
    public func verify(authorization fields: [String]) async throws(TokenRefusal) -> VerifiedAccessToken {
        try await verify(BearerToken(authorization: fields).text)
    }

    /// Verifies a token.
    public func verify(_ token: String) async throws(TokenRefusal) -> VerifiedAccessToken {
        guard token.utf8.count <= CompactJWS.limit else { throw .invalidToken(.jwt(.oversize)) }
        let digest = SHA256.digest(of: token)
        let keys = try await check.currentKeys()
        if let known = known.find(digest, under: keys.epoch) {
            try known.checkTime(check.clock.seconds, leeway: check.rules.leewaySeconds)
            return known
        }
        let verified = try await check.verify(token, type, with: keys)
        let accessToken = try VerifiedAccessToken(verified.jwt, profile)
        guard !accessToken.isBound || boundTokens == .callerVerifiesProof else { throw .invalidToken(.boundToken) }
        // Claims as values take a few times what they take as text.
        known.insert(accessToken, bytes: 512 + 6 * token.utf8.count, digest, under: verified.epoch)
        return accessToken
    }

    private var type: JWSType.Expectation {
        switch profile {
        case .rfc9068: .exactly("at+jwt")
        case .plainJWT: .absentOr(.jwt)
        }
    }
}
