public import JOSE
public import OAuthTypes
public import Stores

/// What the owner of an account may do about a change, with the link of the mail that told of it.
///
/// To look at what a link is for spends nothing: programs that follow the links in mails do no harm. A button does, once.
public struct Recourses: Sendable {
    private let storage: Storage
    private let clock: any TimeSource
    private let random: any RandomSource
    private let wake: @Sendable () -> Void

    /// For how long nothing is changed by which an account is recovered, once its owner said that somebody else was in it.
    public static let freeze = Duration.seconds(86_400)

    /// Recourses over the stores; `wake` is called when a mail was ordered.
    public init(
        _ storage: Storage, clock: any TimeSource, random: any RandomSource, wake: @escaping @Sendable () -> Void
    ) {
        self.storage = storage
        self.clock = clock
        self.random = random
        self.wake = wake
    }

    /// Whether the account of a recourse has another address by now.
    public func hasMoved(_ recourse: Recourse) async throws -> Bool {
        try await storage.users.find(recourse.userID)?.email != recourse.email
    }

    /// What a link is for; nil where it does not work.
    public func recourse(of link: String, for purpose: Recourse.Purpose) async throws -> Recourse? {
        let recourse = try await storage.recourses.find(link: MailCodes.digest(of: link), at: clock.now)
        return recourse?.purpose == purpose ? recourse : nil
    }

    /// Gives the account its earlier address back, ends all that it has open, freezes it, and sends a link to a new
    /// password to that address, in the language of a tag; false where the link does not work.
    public func restoreEmail(_ link: String, language: String? = nil) async throws -> Bool {
        guard let recourse = try await recourse(of: link, for: .restoreEmail) else { return false }
        let now = clock.now
        let isRestored = try await storage.recourses.restoreEmail(
            by: MailCodes.digest(of: link), freezingUntil: now + Recourses.freeze, at: now,
            ordering: reset(recourse, language, at: now))
        if isRestored { wake() }
        return isRestored
    }

    /// Ends all that the account has open, freezes it, and sends a link to a new password; false where the link does not
    /// work.
    ///
    /// Where the account has another address meanwhile it gets that of the mail back: the other one may be somebody
    /// else's. Where an account of somebody else has that by now, no mail is sent.
    public func disown(_ link: String, language: String? = nil) async throws -> Bool {
        guard let recourse = try await recourse(of: link, for: .disown),
            let user = try await storage.users.find(recourse.userID)
        else { return false }
        let (now, digest) = (clock.now, MailCodes.digest(of: link))
        let hasMoved = user.email != recourse.email
        if hasMoved {
            let isRestored = try await storage.recourses.restoreEmail(
                by: digest, freezingUntil: now + Recourses.freeze, at: now, ordering: reset(recourse, language, at: now)
            )
            if isRestored { wake() }
            guard !isRestored else { return true }
        }
        let isDisowned = try await storage.recourses.disown(
            by: digest, freezingUntil: now + Recourses.freeze, at: now,
            ordering: hasMoved ? nil : reset(recourse, language, at: now))
        if isDisowned { wake() }
        return isDisowned
    }

    /// Takes back that the account is to be deleted; false where the link does not work.
    public func keepAccount(_ link: String) async throws -> Bool {
        try await storage.recourses.keepAccount(by: MailCodes.digest(of: link), at: clock.now)
    }

    private func reset(_ recourse: Recourse, _ language: String?, at now: Timestamp) -> MailOrder {
        MailOrder(.resetPassword, to: recourse.email, language: language, at: now, random: random)
    }
}

extension Recourse {
    /// A recourse whose link is made when its mail is sent.
    init(
        _ purpose: Purpose, of user: User, to email: Email, at now: Timestamp, for lifetime: Duration,
        random: any RandomSource
    ) {
        self.init(
            id: MailCodes.digest(of: Base64URL.encode(random.bytes(32))), purpose: purpose, userID: user.id,
            email: email, link: nil, createdAt: now, expiresAt: now + lifetime)
    }

    /// A mail to the address of an account about a change, and the recourse of who did not make it.
    static func notice(
        _ kind: MailKind, _ details: [String] = [], of user: User, language: String?, at now: Timestamp,
        random: any RandomSource
    ) -> AccountNotices.Notice {
        let recourse = Recourse(
            .disown, of: user, to: user.email, at: now, for: AccountNotices.patience, random: random)
        let mail = MailOrder(
            kind, to: user.email, proof: recourse.id, details: details, language: language, at: now, random: random)
        return (recourse, mail)
    }
}
