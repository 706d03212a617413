public import OAuthTypes

/// An event's place in the chain.
public struct AuditLink: Sendable, Equatable {
    /// The event.
    public let id: String
    /// Its place, from 1 without a gap.
    public let sequence: Int64
    /// SHA-256 over the digest before it and the event.
    public let digest: TokenDigest

    /// A link with every field named.
    public init(id: String, sequence: Int64, digest: TokenDigest) {
        self.id = id
        self.sequence = sequence
        self.digest = digest
    }
}

/// An event that has its place.
public struct LinkedAuditEvent: Sendable, Equatable {
    /// The event.
    public let event: AuditEvent
    /// Its place.
    public let link: AuditLink

    /// An event and its place.
    public init(event: AuditEvent, link: AuditLink) {
        self.event = event
        self.link = link
    }
}

/// A signed statement that the chain had come to a digest.
public struct AuditCheckpoint: Sendable, Equatable {
    /// The place of the last event that it covers.
    public let sequence: Int64
    /// A JWT of the type `audit-checkpoint+jwt` that holds the place and the digest.
    public let token: String
    /// The public key that verifies it, as a JWK: the key set has forgotten it by the time somebody asks.
    public let key: String

    /// A checkpoint with every field named.
    public init(sequence: Int64, token: String, key: String) {
        self.sequence = sequence
        self.token = token
        self.key = key
    }
}

/// Which events somebody looks for; nil for any.
public struct AuditSearch: Sendable, Equatable {
    /// Events on this account.
    public var subject: UserID?
    /// Events of this kind.
    public var action: String?
    /// Events of which this came.
    public var outcome: AuditEvent.Outcome?
    /// Events of this moment and later.
    public var since: Timestamp?
    /// Events before this moment.
    public var until: Timestamp?
    /// Events with a lesser name: where the page before has ended.
    public var before: String?

    /// Every event.
    public init() {}
}

/// The log of security events: events are added and given their places, never change, and go only from its old end.
///
/// Adding is cheap and any number of nodes may; one of them at a time gives what was added its place.
public protocol AuditStore: Sendable {
    /// Adds events, all or none; they have no places yet. Throws where a name is given already.
    func append(_ events: [AuditEvent]) async throws
    /// Up to `limit` events without a place, in the order of their names.
    func unlinked(limit: Int) async throws -> [AuditEvent]
    /// The last link; nil while there is none.
    func head() async throws -> AuditLink?
    /// Gives events their places, all or none.
    ///
    /// The places are those behind the head, for events in the order of their names. False where another node was first: a
    /// place was taken, or the first event had one.
    func link(_ links: [AuditLink]) async throws -> Bool
    /// Up to `limit` events with their places, from just behind `sequence`.
    func list(after sequence: Int64, limit: Int) async throws -> [LinkedAuditEvent]
    /// Up to `limit` of the events that are looked for, the latest first, whether they have places or not.
    func find(_ search: AuditSearch, limit: Int) async throws -> [AuditEvent]
    /// The place of the last event before a moment that has one; nil where there is none.
    func place(before moment: Timestamp) async throws -> Int64?
    /// Adds a checkpoint; nothing where there is one for that place.
    func add(_ checkpoint: AuditCheckpoint) async throws
    /// Up to `limit` checkpoints, from just behind `sequence`.
    func checkpoints(after sequence: Int64, limit: Int) async throws -> [AuditCheckpoint]
    /// The last checkpoint of that place or one before it.
    func checkpoint(through sequence: Int64) async throws -> AuditCheckpoint?
    /// Removes up to `limit` events from the old end, as far as that place, and the checkpoints before it; answers how
    /// many events.
    func prune(through sequence: Int64, limit: Int) async throws -> Int
}
