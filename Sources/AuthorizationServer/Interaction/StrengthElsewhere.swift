public import OAuthTypes

/// How strongly people can sign in at providers whose second factor is believed here: OpenID Connect Core §5.5.1.1.
///
/// Asked only where a session is weaker than a client wants.
public protocol StrengthElsewhere: Sendable {
    /// The strongest way in which a person can sign in there for a client.
    func strongest(of user: UserID, for client: ClientID) async throws -> AuthenticationContext
}

/// There are no providers.
struct NowhereElse: StrengthElsewhere {
    func strongest(of user: UserID, for client: ClientID) async throws -> AuthenticationContext { .password }
}
