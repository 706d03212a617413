public import Stores

/// The limits on guessing passwords; all of them are settings.
public struct SignInLimits: Sendable, Equatable {
    /// Failures a minute from one address (IPv6: one /64), as many at once; 0 for no limit.
    public var perAddress: Int
    /// Failures a minute from one network (/24, IPv6: /48), as many at once; 0 for no limit.
    public var perNetwork: Int
    /// When failures at one account from one network lock that pair; nil for never.
    public var lock: LockRule?

    /// Limits; the defaults suit an office behind one address as well as a person.
    public init(perAddress: Int = 30, perNetwork: Int = 120, lock: LockRule? = .standard) {
        self.perAddress = max(0, perAddress)
        self.perNetwork = max(0, perNetwork)
        self.lock = lock
    }

    /// Nothing is limited.
    public static let none = SignInLimits(perAddress: 0, perNetwork: 0, lock: nil)
}

extension LockRule {
    /// Five failures lock for five minutes, each further one for five minutes more, up to an hour; a day without an
    /// attempt forgets them.
    public static let standard = LockRule(
        failures: 5, step: .seconds(300), longest: .seconds(3600), memory: .seconds(86_400))

    /// For attempts from everywhere at the second factor of one account: four times as many.
    var forWholeAccount: LockRule {
        LockRule(failures: failures * 4, step: step, longest: longest, memory: memory)
    }
}
