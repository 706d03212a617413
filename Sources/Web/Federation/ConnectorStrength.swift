public import AuthorizationServer
import Federation
public import OAuthTypes
public import Stores

/// How strongly people can sign in at their providers: with two factors, where the operator believes what a connector says
/// of them (`second_factor`).
public struct ConnectorStrength: StrengthElsewhere {
    private let storage: Storage

    /// The connectors and links of a store.
    public init(_ storage: Storage) { self.storage = storage }

    /// Two factors where the person has a link to an enabled connector of that kind; never more, since what cannot be
    /// phished is proven here alone.
    public func strongest(of user: UserID, for client: ClientID) async throws -> AuthenticationContext {
        try await connectors(of: user, for: client).isEmpty ? .password : .multipleFactors
    }

    /// The connectors at which a person can prove two factors for a client, in the order of their places.
    func connectors(of user: UserID, for client: ClientID) async throws -> [ConnectorID] {
        let links = Set(try await storage.links.list(of: user).map(\.connector))
        guard !links.isEmpty else { return [] }
        return try await storage.connectors.list().filter { connector in
            guard links.contains(connector.id), connector.isEnabled, connector.kind != .ldap,
                let policy = try? ConnectorSettings(completing: connector).policy
            else { return false }
            return policy.secondFactorTrust ?? .never != .never && policy.serves(client: client.rawValue)
        }.map(\.id)
    }
}
