public import OAuthTypes

/// Answers pages that ask how good a password is while somebody types, at a bounded rate for each address.
public struct PasswordMeter: Sendable {
    /// Who says it.
    public let judge: PasswordJudge
    private let clock: any TimeSource
    private let rate: RateLimiter?

    /// Two a second: a page asks when typing pauses.
    private static let perMinute = 120

    /// A meter over a judge.
    public init(_ judge: PasswordJudge, clock: any TimeSource) {
        self.judge = judge
        self.clock = clock
        rate = RateLimiter(perMinute: PasswordMeter.perMinute)
    }

    /// Counts a question; false where the address asks too often, and then nothing else is to be done for it.
    public func admits(_ origin: SignInOrigin) -> Bool { rate?.take(origin.subscriber, at: clock.now) == nil }
}
