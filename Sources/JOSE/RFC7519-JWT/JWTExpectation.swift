internal import JSON

/// What a verifier demands of a JWT beside a valid signature: RFC 7519 §4.1, RFC 8725 §3.
///
/// Every rule is spelled out by the caller, also the ones it waives.
public struct JWTExpectation: Sendable {
    /// What `iss` must be.
    public enum Issuer: Sendable {
        /// There, and this one.
        case exactly(String)
        /// Not looked at: the caller does it.
        case anyone
    }

    /// What `aud` must hold.
    public enum Audience: Sendable {
        /// This one, perhaps beside others.
        case contains(String)
        /// One of these, perhaps beside others.
        case containsOne(of: [String])
        /// Not looked at: the caller does it.
        case anyone
    }

    /// How `exp` counts.
    public enum Expiry: Sendable {
        /// Must be there and lie ahead.
        case required
        /// Must lie ahead if it is there. For tokens whose age is limited by other means.
        case optional
        /// Not looked at. For an `id_token_hint`, which says who it was (OpenID Connect Core §3.1.2.1).
        case ignored
    }

    let type: JWSType.Expectation
    let algorithms: AllowedAlgorithms
    let issuer: Issuer
    let audience: Audience
    let expiry: Expiry
    let now: Int64
    let leeway: Int64

    /// The demands on a token.
    ///
    /// `now` is in seconds since 1970. `leeway` forgives differing clocks, in seconds, from 0 to an hour.
    public init(
        type: JWSType.Expectation, algorithms: AllowedAlgorithms = .assigned, issuer: Issuer, audience: Audience,
        expiry: Expiry = .required, now: Int64, leeway: Int64
    ) {
        self.type = type
        self.algorithms = algorithms
        self.issuer = issuer
        self.audience = audience
        self.expiry = expiry
        // Clamped so that no sum below can overflow.
        self.now = min(max(now, 0), 1 << 53)
        self.leeway = min(max(leeway, 0), 3600)
    }

    /// Throws what the claims lack.
    ///
    /// §2: StringOrURI values are compared byte for byte; `==` would take canonically equivalent ones.
    func check(_ claims: JWTClaims) throws(JOSEError) {
        try checkTimes(claims)
        if case .exactly(let expected) = issuer {
            guard let issuer = claims.issuer else { throw .missingClaim(.issuer) }
            guard sameBytes(issuer, expected) else { throw .wrongIssuer }
        }
        switch audience {
        case .anyone: break
        case .contains(let expected): try checkAudience(claims) { sameBytes($0, expected) }
        case .containsOne(let expected):
            try checkAudience(claims) { named in expected.contains { sameBytes(named, $0) } }
        }
    }

    private func checkTimes(_ claims: JWTClaims) throws(JOSEError) {
        switch (expiry, claims.expiresAt) {
        case (.ignored, _), (.optional, nil): break
        case (.required, nil): throw .missingClaim(.expiresAt)
        // §4.1.4: on or after that moment the token is refused.
        case (_, let end?): if now >= end + leeway { throw .expired }
        }
        if let start = claims.notBefore, now + leeway < start { throw .notYetValid }
        if let issued = claims.issuedAt, now + leeway < issued { throw .issuedInTheFuture }
    }

    private func checkAudience(_ claims: JWTClaims, isMeant: (String) -> Bool) throws(JOSEError) {
        guard !claims.audience.isEmpty else { throw .missingClaim(.audience) }
        guard claims.audience.contains(where: isMeant) else { throw .wrongAudience }
    }
}
