public import OAuthTypes

/// How often people of one network may come back from connectors, so that nobody has us ask providers, or make accounts,
/// as often as they please.
public struct ConnectorRates: Sendable {
    private let answers: RateLimiter?
    private let accounts: RateLimiter?

    /// Nothing counted yet.
    public init(_ rates: RequestRates = RequestRates()) {
        answers = RateLimiter(perMinute: rates.connectorAnswers)
        accounts = RateLimiter(perMinute: rates.connectorAccounts)
    }

    /// Counts an answer of a provider; or nothing, and the time after which to try again.
    public func takeAnswer(from origin: SignInOrigin, at now: Timestamp) -> Duration? {
        answers?.take(origin.subscriber, at: now)
    }

    /// Counts an account that is to be made; false for too many.
    func admitsAccount(from origin: SignInOrigin, at now: Timestamp) -> Bool {
        accounts?.take(origin.subscriber, at: now) == nil
    }
}
