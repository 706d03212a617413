import Stores

/// Fresh proof of accounts that only connectors open: the word of a provider that does not say when it asked is none.
///
/// Then a code by mail is, to the address that the account has proven. It says that whoever came by the provider reads that
/// mail now, and nothing more: no `acr` is reached by it.
extension SecondFactor {
    /// Whether nothing but connectors opens the account: neither a password of ours nor a passkey.
    func isOpenedElsewhere(_ user: User) async throws -> Bool {
        guard user.passwordHash == nil else { return false }
        return try await !ways(of: user.id).passkey
    }

    /// Whether a code by mail is the fresh proof of the account, where its provider gives none.
    func isProvenByMail(_ user: User) async throws -> Bool {
        guard freshnessCodes != nil, user.isEmailVerified else { return false }
        return try await isOpenedElsewhere(user)
    }

    /// What is asked of somebody who waits: the second factor of the account.
    ///
    /// Who came by a connector to an account without one waits for nothing but fresh proof.
    public func ways(of waiting: Waiting) async throws -> Ways {
        var ways = try await ways(of: waiting.user.id)
        guard !ways.isAny, waiting.factor.identity != nil, try await isProvenByMail(waiting.user) else { return ways }
        ways.mail = .on
        ways.isForFreshness = true
        return ways
    }

    /// The codes by mail that are good for somebody who waits; nil where none are.
    func codes(for waiting: Waiting) async throws -> (MailedCodes, MailedCodes.Purpose)? {
        let ways = try await ways(of: waiting)
        guard ways.mail == .on else { return nil }
        return ways.isForFreshness ? freshnessCodes.map { ($0, .freshness) } : mailedCodes.map { ($0, .secondFactor) }
    }
}
