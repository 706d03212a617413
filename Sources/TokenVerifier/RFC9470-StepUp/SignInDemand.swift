internal import JSON

/// How strong and how recent a sign-in must be for what a service is about to do: RFC 9470 §3.
///
/// ```swift
/// try verifier.require(SignInDemand(contexts: ["phr"], within: 300), of: token)
/// ```
public struct SignInDemand: Sendable, Equatable {
    /// The values of `acr` that are good enough; empty where every one is.
    public let contexts: [String]
    /// Seconds that the sign-in may be old; nil where its age does not matter.
    public let maxAge: Int64?

    /// A demand; a negative age counts as none at all, so that the person signs in anew.
    public init(contexts: [String] = [], within maxAge: Int64? = nil) {
        self.contexts = contexts
        self.maxAge = maxAge.map { max(0, $0) }
    }

    /// Whether the sign-in behind a token is enough; a token that says nothing of it is not.
    func isMet(by token: VerifiedAccessToken, now: Int64, leeway: Int64) -> Bool {
        if !contexts.isEmpty {
            guard let context = token["acr"]?.string, contexts.contains(context) else { return false }
        }
        guard let maxAge else { return true }
        guard let moment = token.authenticatedAt else { return false }
        let (age, isTooMuch) = now.subtractingReportingOverflow(moment)
        return !isTooMuch && age - leeway <= maxAge
    }
}

extension AccessTokenVerifier {
    /// Throws `insufficientSignIn` unless the person signed in strongly and recently enough: RFC 9470 §3.
    ///
    /// The challenge tells the client what to ask for; a new authorization request with it leads to a token that is good.
    public func require(_ demand: SignInDemand, of token: VerifiedAccessToken) throws(TokenRefusal) {
        guard demand.isMet(by: token, now: check.clock.seconds, leeway: check.rules.leewaySeconds) else {
            throw .insufficientSignIn(demand)
        }
    }
}
