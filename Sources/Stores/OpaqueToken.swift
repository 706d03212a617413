public import OAuthTypes

/// An access token that says nothing itself: kept by its digest, with the claims that a token in its place would have.
public struct OpaqueToken: Sendable, Equatable {
    /// SHA-256 of the token: the token itself is never stored.
    public let digest: TokenDigest
    /// Who got it.
    public let clientID: ClientID
    /// The grant that it came of; nil for the client's own.
    public let grantID: GrantID?
    /// A JSON object: the claims of RFC 9068 §2.2.
    public let claims: String
    /// When it dies.
    public let expiresAt: Timestamp

    /// A token with every field named.
    public init(digest: TokenDigest, clientID: ClientID, grantID: GrantID?, claims: String, expiresAt: Timestamp) {
        self.digest = digest
        self.clientID = clientID
        self.grantID = grantID
        self.claims = claims
        self.expiresAt = expiresAt
    }
}

/// Opaque access tokens from issue to expiry.
public protocol OpaqueTokenStore: Sendable {
    /// Keeps a token; false where its grant is gone or revoked, as it is behind whoever erased the person.
    func insert(_ token: OpaqueToken) async throws -> Bool
    /// The token, unless it has expired at `now`; whether its grant holds is for the grants to say.
    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> OpaqueToken?
    /// Removes a token of that client; false where there is none.
    func revoke(_ digest: TokenDigest, of client: ClientID) async throws -> Bool
    /// Deletes what expired by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
