public import OAuthTypes

/// Marks identifiers of participations.
public enum ParticipationKind: Sendable {}
/// Names one participation; `jti` of the logout token that ends it, in every attempt.
public typealias ParticipationID = Identifier<ParticipationKind>

/// A client that got an ID token in a session, from then until it has been told of the end:
/// OpenID Connect Back-Channel Logout §2.3.
///
/// While the session lives it is a note; what ends the session makes it due, in the same step. Nothing of the token is
/// kept: it is made when it is sent.
public struct Participation: Sendable, Equatable {
    /// Names it.
    public let id: ParticipationID
    /// The session.
    public let sessionID: SessionID
    /// The client.
    public let clientID: ClientID
    /// Whose session it is; nil once the person was erased.
    public let userID: UserID?
    /// When the client got its first ID token in the session.
    public let createdAt: Timestamp
    /// When nothing of it is kept any more: with the session, or a week after what ended it.
    public let expiresAt: Timestamp
    /// When it ended; nil while it goes on.
    public let endedAt: Timestamp?
    /// Before this moment nobody else may tell the client; nil while there is nothing to tell, or no more.
    public let dueAt: Timestamp?
    /// Tells the holders of a lease apart: how often somebody took it up, from a new thousand on with every retry.
    public let attempts: Int
    /// Why the last attempt failed.
    public let failure: String?
    /// When it was given up; nil while it is not.
    public let gaveUpAt: Timestamp?

    /// A participation; one that goes on unless told otherwise.
    public init(
        id: ParticipationID, sessionID: SessionID, clientID: ClientID, userID: UserID?, createdAt: Timestamp,
        expiresAt: Timestamp, endedAt: Timestamp? = nil, dueAt: Timestamp? = nil, attempts: Int = 0,
        failure: String? = nil, gaveUpAt: Timestamp? = nil
    ) {
        self.id = id
        self.sessionID = sessionID
        self.clientID = clientID
        self.userID = userID
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.endedAt = endedAt
        self.dueAt = dueAt
        self.attempts = attempts
        self.failure = failure
        self.gaveUpAt = gaveUpAt
    }

    /// How often it was tried, since the operator last had it tried anew.
    public var tries: Int { attempts % 1000 }

    /// How long one that ended is kept, told or not.
    public static let retention = Duration.seconds(7 * 86_400)
}

/// Which clients take part in which session, and which of them are still to be told that it is over.
///
/// One begins with a code (`AuthorizationCodeStore.issue`), one of a pair of session and client at a time; it ends in the
/// same step as its session, or as what the person let the client have.
public protocol ParticipationStore: Sendable {
    /// Those of a session that go on at `now`, by client; the first hundred.
    func living(in session: SessionID, at now: Timestamp) async throws -> [Participation]
    /// The clients that are to be told something at `now`, whoever waits longest first; the first thousand.
    func waiting(at now: Timestamp) async throws -> [ClientID]
    /// Takes what a client is to be told, the longest due first, and leases it until `end`; nil where nothing is due.
    ///
    /// Atomic: it is leased to one of any number of callers. Each counts as an attempt.
    func claim(for client: ClientID, at now: Timestamp, until end: Timestamp) async throws -> Participation?
    /// Whether what an attempt took is still to be told, by it: not where the client takes part in the session again, or
    /// the lease had gone to another attempt.
    func isUntold(_ id: ParticipationID, attempt: Int) async throws -> Bool
    /// Deletes what the client was told; false where the lease had gone to another attempt.
    func told(_ id: ParticipationID, attempt: Int) async throws -> Bool
    /// Notes why an attempt failed and when the next is due; false where the lease had gone to another attempt.
    func failed(_ id: ParticipationID, attempt: Int, because reason: String, next: Timestamp) async throws -> Bool
    /// Gives back, until `next`, what could not be tried, which counts as no attempt; false where the lease had gone to
    /// another attempt.
    func release(_ id: ParticipationID, attempt: Int, until next: Timestamp) async throws -> Bool
    /// Gives one up; false where the lease had gone to another attempt.
    func giveUp(_ id: ParticipationID, attempt: Int, because reason: String, at now: Timestamp) async throws -> Bool
    /// Makes one that ended due at once, also one that was given up, with all its tries before it; false where there is
    /// none.
    func retry(_ id: ParticipationID, at now: Timestamp) async throws -> Bool
    /// Up to `limit` of those that ended, in the order of their identifiers, from just after `cursor`.
    func list(after cursor: ParticipationID?, limit: Int) async throws -> [Participation]
    /// How many clients are still to be told something, and how many were given up.
    func figures() async throws -> OutboxFigures
    /// Deletes what expired by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
