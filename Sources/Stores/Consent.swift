public import OAuthTypes

/// What a person allowed a client.
public struct Consent: Sendable, Equatable {
    /// The client.
    public let clientID: ClientID
    /// All that was allowed.
    public let scopes: ScopeSet
    /// When the first of it was.
    public let since: Timestamp

    /// A consent with every field named.
    public init(clientID: ClientID, scopes: ScopeSet, since: Timestamp) {
        self.clientID = clientID
        self.scopes = scopes
        self.since = since
    }
}

/// What people allowed which client, remembered between authorizations.
public protocol ConsentStore: Sendable {
    /// What the person allowed the client so far; empty where nothing.
    func find(user: UserID, client: ClientID) async throws -> ScopeSet
    /// What the person allowed any client, by the clients' identifiers; 500 scopes at most.
    func list(of user: UserID) async throws -> [Consent]
    /// Adds to what is allowed.
    func remember(_ scopes: ScopeSet, user: UserID, client: ClientID, at now: Timestamp) async throws
    /// Forgets it and revokes the client's grants for this person.
    func withdraw(user: UserID, client: ClientID, at now: Timestamp) async throws
}
