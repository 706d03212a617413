public import JOSE
public import OAuthTypes
public import Stores

/// The end of an account by the will of its owner: everything open ends at once, and after a while in which they may
/// think better of it, all that is kept of them is removed.
public struct AccountDeletion: Sendable {
    private let storage: Storage
    private let clock: any TimeSource
    private let random: any RandomSource
    private let wake: (@Sendable () -> Void)?
    /// How long an account waits for its end.
    public let grace: Duration

    /// How long an account waits where the operator says nothing else.
    public static let standardGrace = Duration.seconds(14 * 86_400)

    /// Deletions over the stores; `wake` is called when a mail was ordered, nil where no mail can be sent.
    public init(
        _ storage: Storage, grace: Duration = AccountDeletion.standardGrace, clock: any TimeSource,
        random: any RandomSource, wake: (@Sendable () -> Void)?
    ) {
        self.storage = storage
        self.grace = grace
        self.clock = clock
        self.random = random
        self.wake = wake
    }

    /// Has an account deleted after the time of grace, and ends all that it has open; answers when.
    ///
    /// The mail is in the language of a tag. Nil, and nothing has changed, where it is frozen, disabled or leaves already.
    public func ask(for user: User, language: String? = nil) async throws -> Timestamp? {
        let now = clock.now
        let end = now + grace
        var (recourse, mail): (Recourse?, MailOrder?)
        if wake != nil {
            let keep = Recourse(.keepAccount, of: user, to: user.email, at: now, for: grace, random: random)
            recourse = keep
            mail = MailOrder(
                .deletion, to: user.email, proof: keep.id, language: language, at: now, random: random)
        }
        let isLeaving = try await storage.holds.leave(
            user.id, erasedAt: end, at: now, recourse: recourse, ordering: mail)
        guard isLeaving else { return nil }
        wake?()
        return end
    }

    /// When an account is to be deleted; nil where it is not.
    public func moment(for user: UserID) async throws -> Timestamp? {
        try await storage.holds.find(user, at: clock.now).erasedAt
    }

    /// Until when an account is frozen; nil where it is not.
    public func freeze(of user: UserID) async throws -> Timestamp? {
        try await storage.holds.find(user, at: clock.now).frozenUntil
    }

    /// Keeps an account that was to be deleted; false where it was not.
    public func keep(_ user: UserID) async throws -> Bool {
        try await storage.holds.stay(user)
    }
}
