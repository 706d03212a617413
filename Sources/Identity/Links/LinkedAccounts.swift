public import OAuthTypes
public import Stores

/// Which account a person at a connector opens: by their link alone, never by an address.
///
/// An address that an account here has only leads to the question whether it is theirs: whoever proves that by a way in
/// that the account has may link the two (against accounts that strangers have made or taken before: pre-hijacking).
public struct LinkedAccounts: Sendable {
    let storage: Storage
    private let accounts: Accounts
    private let notices: AccountNotices
    let audit: AuditTrail
    let clock: any TimeSource
    private let rates: ConnectorRates
    private let limits: MailLimits

    /// What a person at a connector opens.
    enum Finding: Sendable {
        /// Their account.
        case account(User)
        /// An account that was made for them now.
        case newAccount(User)
        /// Nothing yet: the account of their address is there, and its owner has to say so.
        case proofNeeded(User)
        /// Nothing.
        case refused(Refusal)
    }

    /// Why a person at a connector does not get in, in the words of the log of events.
    public enum Refusal: String, Sendable {
        /// Addresses of their domain may not.
        case foreignDomain = "foreign_domain"
        /// They have no account, and the connector vouches for no address that one could have.
        case noVerifiedAddress = "no_verified_address"
        /// They have no account, and none is made for them.
        case noAccount = "no_account"
        /// Their address has an account that may not be linked.
        case mayNotLink = "may_not_link"
        /// Their account is closed.
        case closed
        /// They have no account, and too many were made from their network.
        case limited
        /// They have no account, and get one once they accept what that asks.
        case notAccepted = "not_accepted"
    }

    /// What somebody gets who has no account.
    public enum Newcomers: Sendable {
        /// An account.
        case made
        /// The question whether they accept what an account asks.
        case asked
    }

    /// What came of linking.
    public enum Linking: Sendable, Equatable {
        /// It opens the account now.
        case linked
        /// It opens another account.
        case taken
        /// The connector may not be linked, or not by that address.
        case refused
    }

    /// Links over the stores of an issuer.
    public init(
        _ storage: Storage, accounts: Accounts, notices: AccountNotices, audit: AuditTrail, clock: any TimeSource,
        rates: ConnectorRates
    ) {
        self.storage = storage
        self.accounts = accounts
        self.notices = notices
        self.audit = audit
        self.clock = clock
        self.rates = rates
        limits = notices.limits
    }

    /// The links of an account.
    public func list(of user: UserID) async throws -> [LinkedIdentity] { try await storage.links.list(of: user) }

    /// The account that a person at a connector opens; nil where there is none yet.
    func account(of identity: ProvenIdentity) async throws -> UserID? {
        try await storage.links.find(identity.connector, subject: identity.subject)?.userID
    }

    /// Whether a person at a connector opens that account.
    ///
    /// A write, which waits for an unlinking under way: that has looked for sessions to end already.
    public func isLinked(_ connector: ConnectorID, _ subject: String, to user: User) async throws -> Bool {
        guard let link = try await storage.links.find(connector, subject: subject), link.userID == user.id else {
            return false
        }
        return try await storage.links.use(link)
    }

    /// Whether people sign in by a connector, as the store has it.
    public func isInUse(_ connector: ConnectorID) async throws -> Bool {
        try await storage.connectors.find(connector)?.isEnabled == true
    }

    /// Whether a directory has proven who waits; true where nobody is known to wait any more.
    func isOfDirectory(_ digest: TokenDigest) async throws -> Bool {
        guard let record = try await storage.pendingIdentities.find(digest, at: clock.now) else { return true }
        return try await storage.connectors.find(record.connector).map { $0.kind == .ldap } ?? true
    }

    /// Finds or makes the account of a person.
    func find(
        _ identity: ProvenIdentity, at place: SignInPlace, newcomers: Newcomers = .made
    ) async throws -> Finding {
        guard identity.rules.isAdmitted else { return .refused(.foreignDomain) }
        if let link = try await storage.links.find(identity.connector, subject: identity.subject) {
            return try await open(link, identity, from: place.audit)
        }
        guard let email = identity.email, identity.isEmailVerified else { return .refused(.noVerifiedAddress) }
        if let finding = try await owner(of: email, identity) { return finding }
        guard identity.rules.mayCreate else { return .refused(.noAccount) }
        guard newcomers == .made else { return .refused(.notAccepted) }
        // Here as at sign-up: nobody has accounts made by the hundred, from whatever node.
        guard rates.admitsAccount(from: place.origin, at: clock.now) else { return .refused(.limited) }
        if identity.rules.isOpenToAnybody,
            case .networkIsOver = try await limits.admit(email, for: .signUp, from: place.origin)
        {
            return .refused(.limited)
        }
        let name = identity.name ?? ""
        let user = accounts.make(
            email: email, name: Accounts.isFit(name: name) ? name : "", isVerified: true, passwordHash: nil)
        let link = identity.link(to: user.id, at: clock.now, lastUsedAt: clock.now)
        guard try await storage.links.create(user, linking: link) else {
            // Somebody was faster: the same person in another tab, or the owner of the address by another way.
            if let link = try await storage.links.find(identity.connector, subject: identity.subject) {
                return try await open(link, identity, from: place.audit)
            }
            return try await owner(of: email, identity) ?? .refused(.noAccount)
        }
        // Nobody but the connector says that the address is theirs: its owner learns of it. A mail of an account that is not
        // there yet would be dropped.
        try await notices.tell(.accountMade(identity.connectorName), user, language: place.language)
        try await audit.note(
            .signUp, of: user.id, from: place.audit, details: ["connector": identity.connector.rawValue])
        try await takeGroups(identity, of: user.id, from: place.audit)
        return .newAccount(try await takeProfile(identity, of: user))
    }

    /// Links a person at a connector to an account whose owner has just proven that it is theirs.
    public func link(
        _ identity: ProvenIdentity, to user: User, from origin: AuditOrigin
    ) async throws -> Linking {
        let details = ["connector": identity.connector.rawValue]
        guard identity.rules.mayLink, identity.rules.isAdmitted else {
            audit.noteLater(.identityLinked, .refused, of: user.id, from: origin, details: details)
            return .refused
        }
        // Nothing that opens a frozen account is added to it.
        guard try await storage.holds.find(user.id, at: clock.now).frozenUntil == nil else { return .refused }
        if let known = try await storage.links.find(identity.connector, subject: identity.subject) {
            return known.userID == user.id ? .linked : .taken
        }
        // First: nothing opens an account of which its owner does not hear.
        try await audit.note(.identityLinked, of: user.id, from: origin, details: details)
        try await notices.tell(.identityLinked(identity.connectorName), user)
        switch try await storage.links.link(identity.link(to: user.id, at: clock.now, lastUsedAt: nil)) {
        case .linked: break
        case .taken: return .taken
        case .noAccount: return .refused
        }
        try await takeGroups(identity, of: user.id, from: origin)
        if identity.rules.bringsName { _ = try await takeProfile(identity, of: user) }
        return .linked
    }

    /// Removes a link, unless it is the last way in; `name` is what people call the connector.
    ///
    /// In the same step what ends with it ends, the log of events says so, and the owner gets a mail.
    public func unlink(
        _ connector: ConnectorID, subject: String, named name: String, of user: User, ending: LinkEnding,
        from origin: AuditOrigin
    ) async throws -> LinkRemoval {
        let event = try await audit.event(
            .identityUnlinked, of: user.id, by: nil, from: origin, details: ["connector": connector.rawValue])
        let outcome = try await storage.links.unlink(
            LinkParting(
                connector: connector, subject: subject, userID: user.id, ending: ending, at: clock.now, event: event,
                notice: notices.notice(.identityUnlinked(name), user, language: nil, at: clock.now)))
        if outcome == .removed { notices.ordered() }
        return outcome
    }

    private func open(
        _ link: LinkedIdentity, _ identity: ProvenIdentity, from origin: AuditOrigin
    ) async throws -> Finding {
        guard var user = try await storage.users.find(link.userID), user.disabledAt == nil else {
            return .refused(.closed)
        }
        var used = identity.link(to: link.userID, at: link.linkedAt, lastUsedAt: clock.now)
        // What is not told this time, as Apple tells names once, is not forgotten.
        used.name = used.name ?? link.name
        used.email = used.email ?? link.email
        guard try await storage.links.use(used) else { return .refused(.noAccount) }
        try await takeGroups(identity, of: user.id, from: origin)
        if identity.rules.bringsName { user = try await takeProfile(identity, of: user, named: link.name) }
        return .account(user)
    }

    private func owner(of email: Email, _ identity: ProvenIdentity) async throws -> Finding? {
        guard let user = try await storage.users.find(email) else { return nil }
        // An address that nobody has proven here is not known to be its owner's.
        guard identity.rules.mayLink, user.isEmailVerified, user.disabledAt == nil else { return .refused(.mayNotLink) }
        return .proofNeeded(user)
    }
}
