public import JOSE

/// What is demanded of every token: RFC 9068 §4, RFC 8725 §3.
///
/// Issuer and audience have no default: a verifier without them believes tokens that were meant for somebody else.
public struct TokenRules: Sendable {
    /// What `iss` must be, byte for byte.
    public let issuer: String
    /// Who this is: `aud` must hold one of these.
    public let audiences: [String]
    /// The algorithms that are taken, beside which the key's own must be the token's.
    ///
    /// All of them are asymmetric: nobody who can verify can sign.
    public var algorithms = Set(SignatureAlgorithm.allCases)
    /// What differing clocks are forgiven, in whole seconds up to an hour.
    public var leeway: Duration = .seconds(10)

    /// Tokens of this issuer for this audience: the address of the resource, or the client's identifier.
    public init(issuer: String, audience: String) { self.init(issuer: issuer, audiences: [audience]) }

    /// Tokens of this issuer for one of these audiences; with none of them, every token is refused.
    public init(issuer: String, audiences: [String]) {
        self.issuer = issuer
        self.audiences = audiences
    }

    var leewaySeconds: Int64 { min(max(leeway.components.seconds, 0), 3600) }

    func expectation(_ type: JWSType.Expectation, now: Int64) -> JWTExpectation {
        JWTExpectation(
            type: type, algorithms: .oneOf(Array(algorithms)), issuer: .exactly(issuer),
            audience: .containsOne(of: audiences), now: now, leeway: leewaySeconds)
    }
}
