public import OAuthTypes

/// What people allowed which client, remembered between authorizations.
public protocol ConsentStore: Sendable {
    /// What the person allowed the client so far; empty where nothing.
    func find(user: UserID, client: ClientID) async throws -> ScopeSet
    /// Adds to what is allowed.
    func remember(_ scopes: ScopeSet, user: UserID, client: ClientID, at now: Timestamp) async throws
    /// Forgets it and revokes the client's grants for this person.
    func withdraw(user: UserID, client: ClientID, at now: Timestamp) async throws
}
