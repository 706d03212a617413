/// What one address (IPv6: one /64) may ask for a minute beside signing in; 0 for any number; all of them are
/// settings.
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

    /// The standard rates.
    public init() {}
}
