/// How long keys are used and how often they are asked for.
public struct KeySetPolicy: Sendable {
    /// Bounds on the time for which an answer may be used without asking again, whatever its `Cache-Control` says
    /// (RFC 9111 §5.2.2).
    public var lifetime: ClosedRange<Duration> = .seconds(60)...Duration.seconds(24 * 3600)
    /// That time where the answer does not say.
    public var usualLifetime: Duration = .seconds(300)
    /// How much longer a set is used while the issuer cannot be reached.
    ///
    /// As long as that, a key that the issuer has withdrawn may still be believed by whoever can also cut the service
    /// off from the issuer.
    public var staleness: Duration = .seconds(4 * 3600)
    /// Pause after an attempt that failed.
    public var pauseAfterFailure: Duration = .seconds(10)
    /// How often in a row tokens with an unknown `kid` make it ask again.
    ///
    /// Anybody can send such tokens. More than one, so that somebody who does has not used it up when the issuer
    /// really changes its keys.
    public var unknownKeyBurst = 3
    /// After which time one more of those is allowed: the longest that a new key may stay unknown during an attack.
    public var unknownKeyInterval: Duration = .seconds(60)
    /// For how long the address of the key set that discovery gave is used.
    public var discoveryLifetime: Duration = .seconds(24 * 3600)

    /// The usual times.
    public init() {}

    /// The time for which an answer is used that names this one, or none.
    func bounded(_ named: Duration?) -> Duration {
        // A second at least, or whoever asks regularly would do nothing else.
        max(.seconds(1), min(max(named ?? usualLifetime, lifetime.lowerBound), lifetime.upperBound))
    }
}
