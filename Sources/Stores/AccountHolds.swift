public import OAuthTypes

/// What an account is under for a while.
public struct AccountHolds: Sendable, Equatable {
    /// Before that moment no session changes what the account is recovered by; nil where it is not frozen.
    public let frozenUntil: Timestamp?
    /// When the account is erased, unless its owner keeps it; nil where it is not to be.
    public let erasedAt: Timestamp?

    /// Both.
    public init(frozenUntil: Timestamp?, erasedAt: Timestamp?) {
        self.frozenUntil = frozenUntil
        self.erasedAt = erasedAt
    }

    /// Nothing.
    public static let none = AccountHolds(frozenUntil: nil, erasedAt: nil)
}

/// Accounts that are frozen, and accounts that are to be deleted.
public protocol AccountHoldStore: Sendable {
    /// What an account is under at `now`.
    func find(_ user: UserID, at now: Timestamp) async throws -> AccountHolds
    /// Has an account erased at a later moment, and ends all that it has open.
    ///
    /// With the recourse that its owner gets and the mail that carries it, where mail can be sent. False, and nothing has
    /// changed, where the account is not there, is disabled, frozen, or to be erased already.
    func leave(
        _ user: UserID, erasedAt moment: Timestamp, at now: Timestamp, recourse: Recourse?, ordering mail: MailOrder?
    ) async throws -> Bool
    /// Takes that back, with its recourse; false where the account was not to be erased.
    func stay(_ user: UserID) async throws -> Bool
    /// Up to `limit` accounts whose time has come, the longest due first.
    func due(at now: Timestamp, limit: Int) async throws -> [UserID]
    /// Removes an account as `PersonStore.erase` does, if its time has come and it was not kept; else false.
    func erase(_ user: UserID, dueBy now: Timestamp, recording event: AuditEvent) async throws -> Bool
    /// Deletes what says that an account was frozen until `now` or before; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
