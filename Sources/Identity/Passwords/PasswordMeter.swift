public import OAuthTypes

/// Answers pages that ask how good a password is while somebody types, at a bounded rate for each address.
public struct PasswordMeter: Sendable {
    /// Who says it.
    public let judge: PasswordJudge
    private let clock: any TimeSource
    private let rate: RateLimiter?

    /// A meter over a judge.
    public init(_ judge: PasswordJudge, rates: RequestRates = RequestRates(), clock: any TimeSource) {
        self.judge = judge
        self.clock = clock
        rate = RateLimiter(perMinute: rates.passwordChecks)
    }

    /// Counts a question; or nothing, and the time to wait: then nothing else is to be done for the address.
    public func take(_ origin: SignInOrigin) -> Duration? { rate?.take(origin.subscriber, at: clock.now) }
}
