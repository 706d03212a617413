import OAuthTypes

/// The rates of failed sign-ins: of one address, of one network and of all together.
struct SignInRates: Sendable {
    private let addresses: RateLimiter?
    private let networks: RateLimiter?
    private let everywhere: RateLimiter?

    init(_ limits: SignInLimits) {
        addresses = RateLimiter(perMinute: limits.perAddress)
        networks = RateLimiter(perMinute: limits.perNetwork)
        everywhere = RateLimiter(perMinute: limits.everywhere)
    }

    /// Counts one in each; or in none, and the time after which to try again.
    func take(_ origin: SignInOrigin, at now: Timestamp) -> Duration? {
        if let wait = addresses?.take(origin.subscriber, at: now) { return wait }
        if let wait = networks?.take(origin.network, at: now) {
            addresses?.giveBack(origin.subscriber)
            return wait
        }
        if let wait = everywhere?.take([], at: now) {
            addresses?.giveBack(origin.subscriber)
            networks?.giveBack(origin.network)
            return wait
        }
        return nil
    }

    /// Takes one back that was counted.
    func giveBack(_ origin: SignInOrigin) {
        addresses?.giveBack(origin.subscriber)
        networks?.giveBack(origin.network)
        everywhere?.giveBack([])
    }
}
