public import OAuthTypes

/// What the owner of an account may still do about a change, by a link in the mail that told of it.
///
/// Other than a proof it outlives new passwords and the end of all sessions: whoever has taken an account over cannot
/// take it away.
public struct Recourse: Sendable, Equatable {
    /// What spending it does.
    public enum Purpose: String, Sendable, CaseIterable {
        /// The address from before the change is that of the account again.
        case restoreEmail = "restore_email"
        /// It was somebody else: everything ends, and for a while nothing is changed by which the account is recovered.
        case disown
        /// The account is not deleted after all.
        case keepAccount = "keep_account"
    }

    /// Names it; nothing that anybody gets.
    public let id: TokenDigest
    /// What spending it does.
    public let purpose: Purpose
    /// The account.
    public let userID: UserID
    /// The address that the link is mailed to, as it was at that time.
    public let email: Email
    /// SHA-256 of the secret in the newest link; nil until it is made.
    public var link: TokenDigest?
    /// When the change was made.
    public let createdAt: Timestamp
    /// When it is too late to follow the link.
    public let expiresAt: Timestamp

    /// From when on what was added to the account is the intruder's, if there was one and this is the first mail of it.
    ///
    /// Earlier than the recourse, because the mail about a change is ordered after it, and by as much as a proof of being
    /// the owner is good for.
    public var distrustedSince: Timestamp { createdAt - Recourse.doubt }

    /// By how much.
    public static let doubt = Duration.seconds(600)

    /// A recourse with every field named.
    public init(
        id: TokenDigest, purpose: Purpose, userID: UserID, email: Email, link: TokenDigest?, createdAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.id = id
        self.purpose = purpose
        self.userID = userID
        self.email = email
        self.link = link
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// Recourses, and what is done with one: spending it, the change, and the mail that follows are one step.
///
/// Of any number of concurrent callers exactly one spends a recourse; the others get false, and so does who comes late.
public protocol RecourseStore: Sendable {
    /// Keeps a recourse and orders the mail that carries its link.
    func open(_ recourse: Recourse, ordering mail: MailOrder) async throws
    /// Gives a living recourse a new link: the older one is worth nothing. False where there is none.
    func arm(_ id: TokenDigest, link: TokenDigest, at now: Timestamp) async throws -> Bool
    /// The recourse of that identifier that lives at `now`.
    func find(_ id: TokenDigest, at now: Timestamp) async throws -> Recourse?
    /// The recourse whose newest link has that secret and that lives at `now`.
    func find(link: TokenDigest, at now: Timestamp) async throws -> Recourse?
    /// Gives the account the recourse's address back, and does what `disown` does; by a recourse of either purpose.
    ///
    /// What was mailed since the change is worth nothing from then on. False, and nothing has changed, also where the
    /// address belongs to another account by now.
    func restoreEmail(
        by link: TokenDigest, freezingUntil end: Timestamp, at now: Timestamp, ordering mail: MailOrder
    ) async throws -> Bool
    /// Ends all that the account has open, and freezes it.
    ///
    /// The password, recovery codes, consents, and passkeys and apps from `distrustedSince` on, are gone: a new password comes by
    /// the mail. Where an older mail of the same account still lives, it counts from that one on: whoever was in the
    /// account by then has brought this one about as well, and the owner need not find the right mail.
    func disown(
        by link: TokenDigest, freezingUntil end: Timestamp, at now: Timestamp, ordering mail: MailOrder?
    ) async throws -> Bool
    /// Takes back that the account is to be deleted.
    func keepAccount(by link: TokenDigest, at now: Timestamp) async throws -> Bool
    /// Deletes what expired by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
