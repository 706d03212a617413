public import OAuthTypes

/// One authorization request while a person deals with it: from its arrival to the answer.
///
/// The identifier in the page's address is unguessable and bound to the browser that started it, so two tabs do not
/// disturb each other and a link opened elsewhere is worth nothing.
public struct Interaction: Sendable, Equatable {
    /// SHA-256 of the identifier in the page's address.
    public let digest: TokenDigest
    /// SHA-256 of the browser's cookie.
    public let browser: TokenDigest
    /// Who asks.
    public let clientID: ClientID
    /// The request's parameters, form-encoded as they came; checked again at every step.
    public let request: String
    /// When the request came.
    public let createdAt: Timestamp
    /// When it is too late to answer.
    public let expiresAt: Timestamp
    /// The session that the person signed in to, or chose, for this request.
    public var sessionID: SessionID?
    /// When the request was answered; nil while it is open.
    public var finishedAt: Timestamp?

    /// An interaction with every field named.
    public init(
        digest: TokenDigest, browser: TokenDigest, clientID: ClientID, request: String, createdAt: Timestamp,
        expiresAt: Timestamp, sessionID: SessionID?, finishedAt: Timestamp?
    ) {
        self.digest = digest
        self.browser = browser
        self.clientID = clientID
        self.request = request
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.sessionID = sessionID
        self.finishedAt = finishedAt
    }
}

/// Authorization requests that wait for a person.
public protocol InteractionStore: Sendable {
    /// Keeps a new request.
    func insert(_ interaction: Interaction) async throws
    /// The request of that identifier, finished or not, that has not expired at `now`.
    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Interaction?
    /// Notes the session that the person signed in to or chose; false where the request is finished, expired or unknown.
    func choose(_ session: SessionID, for digest: TokenDigest, at now: Timestamp) async throws -> Bool
    /// Closes the request: of any number of concurrent callers exactly one gets true.
    func finish(_ digest: TokenDigest, at now: Timestamp) async throws -> Bool
    /// Deletes what expired by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
