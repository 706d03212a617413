public import OAuthTypes

/// An authorization code between issue and redemption: RFC 6749 §4.1.2.
///
/// What was allowed stands in its grant.
public struct AuthorizationCode: Sendable, Equatable {
    /// SHA-256 of the code: the code itself is never stored.
    public let digest: TokenDigest
    /// What it is redeemed for.
    public let grantID: GrantID
    /// Who may redeem it.
    public let clientID: ClientID
    /// The `redirect_uri` of the authorization request, byte for byte.
    public let redirectURI: String
    /// The proof key's challenge: RFC 7636 §4.4; nil where the client need not send one and has not.
    public let codeChallenge: CodeChallenge?
    /// `nonce` of the request (OpenID Connect Core §3.1.2.1).
    public let nonce: String?
    /// When it was made.
    public let issuedAt: Timestamp
    /// When it dies unused.
    public let expiresAt: Timestamp

    /// A code with every field named.
    public init(
        digest: TokenDigest, grantID: GrantID, clientID: ClientID, redirectURI: String, codeChallenge: CodeChallenge?,
        nonce: String?, issuedAt: Timestamp, expiresAt: Timestamp
    ) {
        self.digest = digest
        self.grantID = grantID
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.codeChallenge = codeChallenge
        self.nonce = nonce
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }
}

/// A code with what it stands for.
public struct IssuedCode: Sendable, Equatable {
    /// The code.
    public let code: AuthorizationCode
    /// The grant it is redeemed for; perhaps revoked.
    public let grant: Grant

    /// A code with its grant.
    public init(code: AuthorizationCode, grant: Grant) {
        self.code = code
        self.grant = grant
    }
}

/// What became of a code that was presented.
public enum Redemption: Sendable, Equatable {
    /// The first use.
    case fresh
    /// A second use: RFC 6749 §4.1.2: revoke what this grant issued.
    case replayed(GrantID)
    /// No such code, or it has expired, or its grant was revoked.
    case unknown
}

/// Authorization codes from issue to redemption.
public protocol AuthorizationCodeStore: Sendable {
    /// Keeps a code together with its grant: both or neither.
    ///
    /// In the same step the client begins to take part in the session: a participation of the same session and client
    /// that goes on is kept instead, one that ended makes room, since whoever begins anew need not be told of the end.
    /// None begins in a session that has ended.
    func issue(_ code: AuthorizationCode, under grant: Grant, in participation: Participation?) async throws
    /// The code, spent or not, with its grant, revoked or not; neither has expired at `now`.
    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> IssuedCode?
    /// Spends the code. Atomic: of any number of concurrent callers exactly one gets `.fresh`, and only while the grant
    /// is neither revoked nor expired.
    func redeem(_ digest: TokenDigest, at now: Timestamp) async throws -> Redemption
    /// Deletes what expired by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}

extension AuthorizationCodeStore {
    /// Keeps a code of a client that need not be told of the end of the session.
    public func issue(_ code: AuthorizationCode, under grant: Grant) async throws {
        try await issue(code, under: grant, in: nil)
    }
}
