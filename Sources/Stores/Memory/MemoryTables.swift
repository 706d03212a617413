import OAuthTypes

/// Every record, and the cascades that cross tables.
struct MemoryTables {
    struct Account {
        var user: User
        /// When all its sessions were last ended at once; whoever signed in before that is signed out, also a
        /// request that was under way.
        var signedOutAt: Timestamp?

        func admits(signedInAt moment: Timestamp) -> Bool {
            guard user.disabledAt == nil else { return false }
            guard let signedOutAt else { return true }
            return moment >= signedOutAt
        }
    }

    struct KeptCode {
        let code: AuthorizationCode
        var redeemedAt: Timestamp?
    }

    struct ConsentKey: Hashable {
        let user: UserID
        let client: ClientID
    }

    var clients: [ClientID: Client] = [:]
    var accounts: [UserID: Account] = [:]
    /// Accounts by the bytes of their address: `String` would take different bytes for equal.
    var addresses: [[UInt8]: UserID] = [:]
    var sessions: [TokenDigest: Session] = [:]
    var interactions: [TokenDigest: Interaction] = [:]
    var codes: [TokenDigest: KeptCode] = [:]
    var grants: [GrantID: Grant] = [:]
    var consents: [ConsentKey: Consent] = [:]
    var totpKeys: [UserID: TOTPKey] = [:]
    var recoveryCodes: [UserID: Set<TokenDigest>] = [:]
    var devices: [TokenDigest: RememberedDevice] = [:]
    var firstFactors: [TokenDigest: FirstFactor] = [:]
    var passkeys: [[UInt8]: Passkey] = [:]
    /// When each expires.
    var spentChallenges: [TokenDigest: Timestamp] = [:]
    var attempts: [TokenDigest: MemorySignInAttempts.Kept] = [:]
    var participations: [ParticipationID: Participation] = [:]
    var mails: [MailID: MailOrder] = [:]
    var proofs: [TokenDigest: EmailProof] = [:]
    var auditEvents: [AuditEvent] = []
    var auditLinks: [String: AuditLink] = [:]
    var auditCheckpoints: [Int64: AuditCheckpoint] = [:]
    /// Nil of whoever was erased.
    var personKeys: [UserID: [UInt8]?] = [:]
    var recourses: [TokenDigest: Recourse] = [:]
    var freezes: [UserID: Timestamp] = [:]
    var deletions: [UserID: Timestamp] = [:]
    var profiles: [UserID: ProfileDetails] = [:]
    /// By account, then by source.
    var tellings: [UserID: [String: ProfileTelling]] = [:]
    var memberships: [UserID: Set<Membership>] = [:]
    var opaqueTokens: [TokenDigest: OpaqueToken] = [:]
    var resources: [ResourceIdentifier: Resource] = [:]
    var connectors: [ConnectorID: Connector] = [:]
    var links: [LinkKey: LinkedIdentity] = [:]
    var upstreamSessions: [SessionID: UpstreamSession] = [:]
    var pendingIdentities: [TokenDigest: PendingIdentity] = [:]
    /// Links that came with their account, to whose address only the connector has vouched.
    var foundingLinks: Set<LinkKey> = []
    var keys: [SigningKeyRecord] = []
    var version: Int64 = 1

    mutating func revokeGrants(at now: Timestamp, where isMeant: (Grant) -> Bool) {
        for (id, grant) in grants where grant.revokedAt == nil && isMeant(grant) {
            grants[id]?.revokedAt = now
        }
    }

    /// Adds a grant; one that comes too late for its account is born revoked.
    mutating func keep(_ grant: Grant) throws -> Grant {
        guard grants[grant.id] == nil else { throw StorageError.conflict(table: "grants") }
        var grant = grant
        // The account was closed, or its password replaced, while this request was under way.
        if let account = accounts[grant.userID], !account.admits(signedInAt: grant.authenticatedAt) {
            grant.revokedAt = grant.revokedAt ?? grant.createdAt
        }
        // Or erased; or the session was ended.
        let hasEnded = { (tables: MemoryTables) in
            !tables.sessions.values.contains { $0.id == grant.sessionID && $0.userID == grant.userID }
        }
        if personKeys[grant.userID] == .some(nil) || accounts[grant.userID] != nil && hasEnded(self) {
            grant.revokedAt = grant.revokedAt ?? grant.createdAt
        }
        grants[grant.id] = grant
        return grant
    }

    /// Ends what an account has open: sessions and grants.
    mutating func signOut(_ id: UserID, at now: Timestamp) {
        accounts[id]?.signedOutAt = now
        sessions = sessions.filter { $0.value.userID != id }
        endParticipations(at: now) { $0.userID == id }
        devices = devices.filter { $0.value.userID != id }
        firstFactors = firstFactors.filter { $0.value.userID != id }
        upstreamSessions = upstreamSessions.filter { $0.value.userID != id }
        pendingIdentities = pendingIdentities.filter { $0.value.userID != id }
        proofs = proofs.filter { $0.value.userID != id }
        revokeGrants(at: now) { $0.userID == id }
    }

    /// Adds an account; false where its identifier or its address is taken.
    mutating func add(_ user: User) -> Bool {
        let address = Array(user.email.rawValue.utf8)
        guard accounts[user.id] == nil, addresses[address] == nil else { return false }
        accounts[user.id] = Account(user: user)
        addresses[address] = user.id
        return true
    }

    /// What a connector has said of an account counts no more.
    mutating func forgetWord(of connector: ConnectorID, on user: UserID) {
        memberships[user] = memberships[user]?.filter { $0.source != connector.rawValue }
        tellings[user]?[connector.rawValue] = nil
        pendingIdentities = pendingIdentities.filter { $0.value.userID != user || $0.value.connector != connector }
    }

    /// Without any second factor there is nothing that recovery codes or remembered devices could stand in for.
    mutating func forgetWhatHangsOnSecondFactors(of user: UserID) {
        guard totpKeys[user]?.confirmedAt == nil, !passkeys.values.contains(where: { $0.userID == user }),
            accounts[user]?.user.mailCodes ?? .off == .off
        else { return }
        recoveryCodes[user] = nil
        devices = devices.filter { $0.value.userID != user }
    }
}

extension Dictionary {
    /// Removes up to `limit` entries and answers how many.
    mutating func sweep(limit: Int, where isDead: (Value) -> Bool) -> Int {
        let dead = filter { isDead($0.value) }.keys.prefix(Swift.max(0, limit))
        for key in dead { removeValue(forKey: key) }
        return dead.count
    }
}
