/// What is to be said about a password that somebody wants to choose: NIST SP 800-63B §3.1.1.2, ASVS 6.2.
///
/// It holds nothing of the password but how hard it is to guess.
public struct PasswordVerdict: Sendable, Equatable {
    /// Why a password is not taken.
    public enum Refusal: String, Sendable, CaseIterable {
        /// Fewer characters than `minimumLength`.
        case tooShort
        /// More bytes than `Password.byteLimit`.
        case tooLong
        /// On a list of passwords that others use, or that were stolen.
        case breached
        /// Guessed too soon.
        case tooWeak
    }

    /// What makes it easy to guess: the raw value is the key of the message.
    public enum Warning: String, Sendable, CaseIterable {
        /// It is among the commonest passwords as it stands.
        case commonPassword
        /// It is close to one of the commonest passwords.
        case nearCommonPassword
        /// One word.
        case word
        /// A first name or a surname.
        case name
        /// The person's own name or address, or a word of this site.
        case ownWord
        /// Neighbouring keys.
        case keyboard
        /// The same again and again.
        case repeats
        /// `abcdef`, `6543`.
        case sequence
        /// A date or a year.
        case date
    }

    /// What would help: the raw value is the key of the message.
    public enum Suggestion: String, Sendable, CaseIterable {
        /// A few words that have nothing to do with each other.
        case addWords
        /// Capital letters help little.
        case capitals
        /// `@` for `a` helps little.
        case substitutions
        /// Words spelled backwards are no harder.
        case reversal
        /// Nothing that others know about the person or the site.
        case nothingPersonal
        /// Another one altogether.
        case another
    }

    /// 0 to 4: guessed at once, with little effort, with some, hardly, not at all.
    public let score: Int
    /// How many guesses it takes, as a decimal logarithm.
    public let guesses: Double
    /// Why it is not taken; nil where it is.
    public let refusal: Refusal?
    /// What makes it easy to guess; nil where nothing does.
    public let warning: Warning?
    /// What would help; empty where nothing is needed.
    public let suggestions: [Suggestion]
    /// The fewest characters that are taken.
    public let minimumLength: Int

    /// Whether it is taken.
    public var isAcceptable: Bool { refusal == nil }

    /// The same password, found on a list.
    func breached() -> PasswordVerdict {
        PasswordVerdict(
            score: 0, guesses: min(guesses, 3), refusal: refusal == .tooShort ? .tooShort : .breached,
            warning: warning,
            suggestions: [.another, .addWords], minimumLength: minimumLength)
    }
}
