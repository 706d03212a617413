/// How many rows a minute strangers may cause in the log of events at one node; the rest is counted.
///
/// Both are settings.
public struct AuditRates: Sendable, Equatable {
    /// Of all kinds that are about somebody's account, and as many of the others: whatever else strangers do crowds out no
    /// guess at an account.
    public var refusals = 120
    /// Of one kind from one network.
    public var refusalsPerNetwork = 10

    /// The standard rates.
    public init() {}
}
