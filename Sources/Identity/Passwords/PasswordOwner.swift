/// Who chooses a password: what others know of a person is guessed first (ASVS 6.2.11).
public struct PasswordOwner: Sendable, Equatable {
    /// What is asked for at sign-in.
    public enum Factors: Sendable, Equatable {
        /// The password and nothing else.
        case passwordAlone
        /// Something besides.
        case withSecondFactor
    }

    /// The full name; may be empty.
    public var name: String
    /// The e-mail address; may be empty, and anything else.
    public var email: String
    /// What is asked for at sign-in.
    public var factors: Factors

    /// A person.
    public init(name: String = "", email: String = "", factors: Factors = .passwordAlone) {
        self.name = name
        self.email = email
        self.factors = factors
    }
}
