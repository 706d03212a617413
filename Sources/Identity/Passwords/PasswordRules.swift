/// What a password that is chosen here must be: NIST SP 800-63B §3.1.1.2, ASVS 6.2.
///
/// There are no rules on kinds of characters, and nothing expires: both make passwords worse.
public struct PasswordRules: Sendable, Equatable {
    /// The fewest characters where nothing else is asked for at sign-in.
    public var minimumLength = 15
    /// The fewest characters where the account has a second factor.
    public var minimumLengthWithSecondFactor = 8
    /// The lowest score that is taken, 0 to 4.
    ///
    /// Three: a hundred million guesses, years of Argon2id for whoever has stolen the database.
    public var minimumScore = 3

    /// The usual rules: 15 characters, with a second factor 8.
    public init() {}

    /// What the minimum length may be set to: never below the floor of ASVS 6.2.1, never above what must be allowed.
    public static let lengths = Password.minimumLength...64
    /// What the lowest score may be set to.
    public static let scores = 0...4

    /// The fewest characters for an account.
    public func minimumLength(_ factors: PasswordOwner.Factors) -> Int {
        factors == .passwordAlone ? minimumLength : minimumLengthWithSecondFactor
    }
}
