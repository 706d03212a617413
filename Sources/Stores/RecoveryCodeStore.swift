public import OAuthTypes

/// Recovery codes: each opens an account once in place of its authenticator app.
///
/// The codes have enough entropy to be kept as plain digests, and a digest is of account and code together.
public protocol RecoveryCodeStore: Sendable {
    /// Keeps these and forgets all before them; false, and all stays, where the account is frozen at `now`.
    func replace(_ codes: [TokenDigest], of user: UserID, at now: Timestamp) async throws -> Bool
    /// Spends a code: of any number of concurrent callers exactly one gets true.
    func spend(_ code: TokenDigest, of user: UserID) async throws -> Bool
    /// How many are left.
    func count(of user: UserID) async throws -> Int
}
