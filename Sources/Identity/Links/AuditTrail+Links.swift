public import OAuthTypes
public import Stores

extension AuditTrail {
    /// Notes each link that an account had and has no more, such as after a new password by mail, which takes off by which
    /// it came to be.
    public func noteGone(
        _ before: [LinkedIdentity], now links: [LinkedIdentity], of user: UserID, with client: ClientID? = nil,
        from origin: AuditOrigin
    ) async throws {
        for link in before
        where !links.contains(where: { $0.connector == link.connector && $0.subject == link.subject }) {
            try await note(
                .identityUnlinked, of: user, with: client, from: origin,
                details: ["connector": link.connector.rawValue])
        }
    }
}
