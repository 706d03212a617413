/// What one address (IPv6: one /64) may ask for a minute beside signing in, unless it says otherwise; 0 for any number; all
/// of them are settings.
public struct RequestRates: Sendable, Equatable {
    /// Passwords judged while somebody types, and as many sign-ups: a page asks when typing pauses.
    public var passwordChecks = 120
    /// Options for passkeys: a page asks when it opens, and now and then while it stays open.
    public var passkeyOptions = 600
    /// Returns from connectors, each of which has us ask a provider.
    public var connectorAnswers = 240
    /// Accounts made by connectors.
    public var connectorAccounts = 30
    /// Wrong secrets of one client.
    public var clientFailures = 60

    /// Clients that strangers of one network may register in an hour.
    public var registrations = 20
    /// Changes of one client's registration in an hour: each empties the caches of all nodes, and may have something
    /// fetched.
    public var registrationChanges = 60
    /// Pictures of clients that browsers of one network may have fetched: a page needs one, and most are at hand.
    public var logos = 30

    /// The standard rates.
    public init() {}
}
