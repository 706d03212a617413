public import OAuthTypes
public import Stores

extension Connector {
    /// A connector that was disabled.
    public static func withEveryFieldSet(
        id: String = "azure-2", position: Int = 7, disabledAt: Timestamp? = .noon + .seconds(90)
    ) -> Connector {
        Connector(
            id: ConnectorID(rawValue: id), kind: .oauth2, preset: "github", name: "Café “Zur Schwalbe” 燕",
            settings: #"{"client_id":"é 燕"}"#, sealedSecret: [1, 0, 255, 39, 10], position: position,
            createdAt: .noon, updatedAt: .noon + .seconds(60), disabledAt: disabledAt)
    }

    /// An enabled connector with as little as one can have.
    public static func withNothingOptional(id: String = "g", position: Int = 0) -> Connector {
        Connector(
            id: ConnectorID(rawValue: id), kind: .openID, preset: nil, name: "G", settings: "{}", sealedSecret: nil,
            position: position, createdAt: .noon, updatedAt: .noon, disabledAt: nil)
    }
}

extension LinkedIdentity {
    /// A link that was used.
    public static func withEveryFieldSet(
        connector: String = "g", subject: String = "é “10769150350006150715113082367” 燕", user: String = "u_9",
        linkedAt: Timestamp = .noon, lastUsedAt: Timestamp? = .noon + .seconds(70)
    ) -> LinkedIdentity {
        LinkedIdentity(
            connector: ConnectorID(rawValue: connector), subject: subject, userID: UserID(rawValue: user),
            email: "zoë@example.org", name: "Zoë Ó’Schwälbchen 燕", linkedAt: linkedAt, lastUsedAt: lastUsedAt)
    }

    /// A link of somebody of whom nothing was told.
    public static func withNothingOptional(subject: String = "1", user: String = "u_9") -> LinkedIdentity {
        LinkedIdentity(
            connector: ConnectorID(rawValue: "g"), subject: subject, userID: UserID(rawValue: user), email: nil,
            name: nil, linkedAt: .noon, lastUsedAt: nil)
    }
}

extension UpstreamSession {
    /// A record of the session of `Session.withEveryFieldSet`.
    public static func withEveryFieldSet(
        id: String = Session.withEveryFieldSet().id.rawValue, connector: String = "g",
        expiresAt: Timestamp = .noon + .seconds(3600)
    ) -> UpstreamSession {
        UpstreamSession(
            sessionID: SessionID(rawValue: id), connector: ConnectorID(rawValue: connector), subject: "é “1076” 燕",
            providerSession: "é sid 燕", userID: Session.withEveryFieldSet().userID, sealedTokens: [1, 0, 255],
            createdAt: .noon, expiresAt: expiresAt)
    }

    /// A record of the same session of which the provider told nothing.
    public static func withNothingOptional() -> UpstreamSession {
        UpstreamSession(
            sessionID: Session.withEveryFieldSet().id, connector: ConnectorID(rawValue: "g"), subject: "1",
            providerSession: nil, userID: Session.withEveryFieldSet().userID, sealedTokens: nil, createdAt: .noon,
            expiresAt: .noon + .seconds(9))
    }
}

extension PendingIdentity {
    /// Somebody who waits for an account.
    public static func withEveryFieldSet(
        _ digest: TokenDigest = .numbered(851), user: String = "u_7Zk2"
    ) -> PendingIdentity {
        PendingIdentity(
            digest: digest, browser: .numbered(852), connector: ConnectorID(rawValue: "g"),
            subject: "é “1076” 燕", providerSession: "é sid 燕", userID: UserID(rawValue: user), sealed: [1, 0, 255],
            createdAt: .noon - .seconds(9), expiresAt: .noon + .seconds(600))
    }

    /// Somebody else who waits for one that is still to be made.
    public static func withNothingOptional(
        _ digest: TokenDigest = .numbered(853), expiresAt: Timestamp = .noon + .seconds(9)
    ) -> PendingIdentity {
        PendingIdentity(
            digest: digest, browser: .numbered(852), connector: ConnectorID(rawValue: "g"), subject: "1",
            providerSession: nil, userID: nil, sealed: [], createdAt: .noon - .seconds(9), expiresAt: expiresAt)
    }
}

extension LinkedIdentityStore {
    /// Removes a link as a law does that minds nothing but the link: what came by it ends, and one event tells of it.
    public func unlink(_ connector: ConnectorID, subject: String, of user: UserID) async throws -> LinkRemoval {
        try await unlink(.withEveryFieldSet(connector, subject: subject, user: user))
    }
}

extension LinkParting {
    /// A parting of which the log of events tells, each time by another event.
    public static func withEveryFieldSet(
        _ connector: ConnectorID, subject: String, user: UserID, ending: LinkEnding = .whatCameByIt(but: nil),
        at moment: Timestamp = .noon, event: String? = nil,
        notice: (recourse: Recourse, mail: MailOrder)? = nil
    ) -> LinkParting {
        LinkParting(
            connector: connector, subject: subject, userID: user, ending: ending, at: moment,
            event: AuditEvent(
                id: event ?? String(UInt64.random(in: 0 ... .max), radix: 16), at: moment, action: "identity_unlinked",
                outcome: .succeeded, actor: .person(user), subject: user, client: nil, requestID: nil, network: nil,
                details: nil, sealed: nil),
            notice: notice)
    }
}

extension ConnectorStore {
    /// Puts a connector in the place of the one that is there.
    public func replace(_ connector: Connector) async throws -> Bool {
        guard let old = try await find(connector.id) else { return false }
        return try await replace(old, by: connector) == .replaced
    }
}
