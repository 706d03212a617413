public import JOSE
public import OAuthTypes
public import Stores

/// Tells people by mail what has changed about their account, so that they notice what somebody else did (ASVS 6.3.7).
///
/// Each mail has a link for who did not do that: see ``Recourses/disown(_:)``.
public struct AccountNotices: Sendable {
    private let storage: Storage
    let limits: MailLimits
    private let clock: any TimeSource
    private let random: any RandomSource
    private let wake: (@Sendable () -> Void)?

    /// What a person is told.
    public enum Event: Sendable, Equatable {
        /// An authenticator app was set up.
        case authenticatorAdded
        /// The authenticator app was switched off.
        case authenticatorRemoved
        /// A recovery code was used; so many are left.
        case recoveryCodeUsed(left: Int)
        /// There are new recovery codes.
        case recoveryCodesRenewed
        /// A passkey of that name was added.
        case passkeyAdded(String)
        /// The passkey of that name was removed.
        case passkeyRemoved(String)
        /// The password was taken off; passkeys open the account.
        case passwordRemoved
        /// Codes by mail are asked for from now on.
        case mailCodesAdded
        /// They are asked for no more.
        case mailCodesRemoved
        /// An account at the connector of that name was linked.
        case identityLinked(String)
        /// The account was made, by the word of the connector of that name.
        case accountMade(String)
        /// It was unlinked.
        case identityUnlinked(String)
        /// Somebody signed in, in a browser that is not known.
        case newDevice(BrowserTraits)
    }

    /// How long the link works by which somebody says that it was not them.
    public static let patience = Duration.seconds(7 * 86_400)

    /// Notices over the stores; `wake` is called when a mail was ordered, nil where no mail can be sent: then nobody is
    /// told anything.
    public init(
        _ storage: Storage, clock: any TimeSource, random: any RandomSource, rates: MailRates = MailRates(),
        wake: (@Sendable () -> Void)?
    ) {
        self.storage = storage
        self.clock = clock
        self.random = random
        self.wake = wake
        limits = MailLimits(storage.attempts, clock: clock, rates: rates)
    }

    /// Orders the mail, in the language of a tag; in that of the person's last sign-in where it is nil, as it is for
    /// whatever somebody else may have done.
    public func tell(_ event: Event, _ user: User, language: String? = nil) async throws {
        // Whoever has the password shall not fill the box of its owner with it.
        if wake != nil, case .newDevice(let traits) = event, try await !limits.admit(user.email, about: traits) {
            return
        }
        guard let notice = notice(event.kind, event.details, user, language: language, at: clock.now) else { return }
        try await storage.recourses.open(notice.recourse, ordering: notice.mail)
        ordered()
    }

    /// A mail and what its link does, for a store to keep in one step with the change.
    typealias Notice = (recourse: Recourse, mail: MailOrder)

    /// The notice of an event; nil where no mail can be sent.
    func notice(_ event: Event, _ user: User, language: String?, at now: Timestamp) -> Notice? {
        notice(event.kind, event.details, user, language: language, at: now)
    }

    private func notice(
        _ kind: MailKind, _ details: [String], _ user: User, language: String?, at now: Timestamp
    ) -> Notice? {
        guard wake != nil else { return nil }
        return Recourse.notice(kind, details, of: user, language: language, at: now, random: random)
    }

    /// Counts a change of an account; the time to wait where there were too many.
    ///
    /// The change is limited and not the mail of it: what is done is told, and nobody fills a box or the way of all mails.
    public func wait(beforeChanging user: UserID) async throws -> Duration? {
        try await limits.wait(beforeChanging: user)
    }

    /// What somebody failed at too often.
    enum FailedProof: String, Sendable {
        case password
        case secondFactor = "second_factor"
    }

    /// Orders the mail that says that attempts from somewhere failed too often.
    ///
    /// For any address alike: whether somebody has it is looked up when the mail is sent.
    func tellLockOut(_ email: Email, at proof: FailedProof, from origin: SignInOrigin) async throws {
        guard let wake, try await limits.admit(email, for: .lockedOut) == .admitted else { return }
        try await storage.mails.order(
            MailOrder(
                .lockedOut, to: email, details: [proof.rawValue, origin.networkName ?? ""], at: clock.now,
                random: random))
        wake()
    }

    /// The notice of a new password; nil where no mail can be sent.
    func passwordChanged(_ user: User, language: String?, at now: Timestamp) -> Notice? {
        notice(.passwordChanged, [], user, language: language, at: now)
    }

    /// Says that mails were ordered.
    func ordered() { wake?() }
}

extension AccountNotices.Event {
    var kind: MailKind {
        if case .newDevice = self { return .newDevice }
        return .accountNotice
    }

    /// What is kept of it until the mail is written.
    var details: [String] {
        switch self {
        case .authenticatorAdded: ["authenticator_added"]
        case .authenticatorRemoved: ["authenticator_removed"]
        case .recoveryCodeUsed(let left): ["recovery_code_used", String(left)]
        case .recoveryCodesRenewed: ["recovery_codes_renewed"]
        // Names are what somebody typed: one line each.
        case .passkeyAdded(let name): ["passkey_added", HeaderText(name).value]
        case .passkeyRemoved(let name): ["passkey_removed", HeaderText(name).value]
        case .passwordRemoved: ["password_removed"]
        case .mailCodesAdded: ["mail_codes_added"]
        case .mailCodesRemoved: ["mail_codes_removed"]
        case .identityLinked(let name): ["identity_linked", HeaderText(name).value]
        case .identityUnlinked(let name): ["identity_unlinked", HeaderText(name).value]
        case .accountMade(let name): ["account_made", HeaderText(name).value]
        case .newDevice(let traits): [traits.device ?? "", traits.network ?? ""]
        }
    }

    /// Nil for what this program never wrote.
    init?(_ kind: MailKind, _ details: [String]) {
        let second = details.dropFirst().first ?? ""
        switch (kind, details.first) {
        case (.newDevice, let device?):
            self = .newDevice(
                BrowserTraits(device: device.isEmpty ? nil : device, network: second.isEmpty ? nil : second))
        case (_, "authenticator_added"): self = .authenticatorAdded
        case (_, "authenticator_removed"): self = .authenticatorRemoved
        case (_, "recovery_code_used"): self = .recoveryCodeUsed(left: Int(second) ?? 0)
        case (_, "recovery_codes_renewed"): self = .recoveryCodesRenewed
        case (_, "passkey_added"): self = .passkeyAdded(second)
        case (_, "passkey_removed"): self = .passkeyRemoved(second)
        case (_, "password_removed"): self = .passwordRemoved
        case (_, "mail_codes_added"): self = .mailCodesAdded
        case (_, "mail_codes_removed"): self = .mailCodesRemoved
        case (_, "identity_linked"): self = .identityLinked(second)
        case (_, "account_made"): self = .accountMade(second)
        case (_, "identity_unlinked"): self = .identityUnlinked(second)
        default: return nil
        }
    }
}
