public import Stores

/// The limits on guessing passwords; all of them are settings.
public struct SignInLimits: Sendable, Equatable {
    /// Failures a minute from one address (IPv6: one /64), as many at once; 0 for no limit.
    public var perAddress: Int
    /// Passwords that are compared a minute for one address, right ones included; 0 for no limit, nil for ten times
    /// `perAddress`.
    public var comparisons: Int?
    /// Requests to sign in that are kept a minute for one address; 0 for no limit, nil for twenty times `perAddress`.
    public var requests: Int?
    /// Failures a minute from one network (/24, IPv6: /48), as many at once; 0 for no limit.
    public var perNetwork: Int
    /// When failures at one account from one network lock that pair; nil for never.
    public var lock: LockRule?
    /// When failures at one account from everywhere lock it for browsers that are not known; nil for never.
    public var account: LockRule?
    /// Failures at the second factor of one account from everywhere that lock it; nil for four times those of `lock`.
    public var secondFactorFailures: Int?
    /// Failures a minute from everywhere at this node, as many at once, known browsers apart; 0 for no limit.
    public var everywhere: Int

    /// Limits; the defaults suit an office behind one address as well as a person.
    public init(
        perAddress: Int = 30, perNetwork: Int = 120, lock: LockRule? = .standard, account: LockRule? = .account,
        everywhere: Int = 3000
    ) {
        self.perAddress = max(0, perAddress)
        self.perNetwork = max(0, perNetwork)
        self.lock = lock
        self.account = account
        self.everywhere = max(0, everywhere)
    }

    /// Nothing is limited.
    public static let none = SignInLimits(perAddress: 0, perNetwork: 0, lock: nil, account: nil, everywhere: 0)
}

extension LockRule {
    /// Five failures lock for five minutes, each further one for five minutes more, up to an hour; a day without an
    /// attempt forgets them.
    public static let standard = LockRule(
        failures: 5, step: .seconds(300), longest: .seconds(3600), memory: .seconds(86_400))

    /// A hundred failures at one account, from wherever (NIST SP 800-63B §3.2.2).
    public static let account = LockRule(
        failures: 100, step: .seconds(300), longest: .seconds(3600), memory: .seconds(86_400))

    /// The same for another number of failures.
    fileprivate func locking(after failures: Int) -> LockRule {
        LockRule(failures: failures, step: step, longest: longest, memory: memory)
    }
}

extension SignInLimits {
    /// When failures at the second factor of one account, from everywhere, lock it; nil for never.
    ///
    /// Whoever fails there has the password.
    var secondFactor: LockRule? {
        guard let count = secondFactorFailures else { return lock.map { $0.locking(after: 4 * $0.failures) } }
        return count == 0 ? nil : (lock ?? account ?? .standard).locking(after: count)
    }
}
