public import OAuthTypes

/// A person whom a directory has proven, with what it says of them.
public struct DirectoryPerson: Sendable, Equatable {
    /// What they are known by there for good: never an address, which is given to others again.
    public let subject: String
    /// Their address, in a domain of the directory.
    public let email: Email
    /// Their full name; nil where the directory has none.
    public let name: String?
    /// The groups that they are in, as the directory names them: whole names, or the values of an attribute.
    public let groups: [String]
}

/// What came of asking a directory.
public enum DirectoryVerdict: Sendable, Equatable {
    /// The password is the person's.
    case proven(DirectoryPerson)
    /// Nobody is proven; people are told nothing more.
    case refused(Reason)

    /// Why, for the log.
    public enum Reason: String, Sendable, CaseIterable {
        /// The address is not one of the directory's domains.
        case otherDomain = "other_domain"
        /// There is no such entry.
        case unknown
        /// There are several.
        case ambiguous
        /// The account is closed there.
        case disabled
        /// The password is another, or the account may not be used.
        case wrongPassword = "wrong_password"
        /// The password is right, but has to be changed there first.
        case outdatedPassword = "outdated_password"
        /// The entry has none of the attributes that tell people apart for good.
        case noIdentifier = "no_identifier"

        /// What an operator can do about it: a sentence.
        public var remedy: String {
            switch self {
            case .otherDomain: "The part of the address after its @ is not among domains."
            case .unknown: "No entry below base has this address in an attribute of login, and what require asks for."
            case .ambiguous: "Several entries have this address: make login or require narrower."
            case .disabled: "The account is disabled there (userAccountControl)."
            case .wrongPassword: "The directory refuses the password, or the account is locked or expired there."
            case .outdatedPassword: "The password is right, and has to be changed there first."
            case .noIdentifier: "The entry has none of the attributes of identifier, or bind_dn may not read them."
            }
        }

        /// Whether an operator has to know: whoever types something wrong is no news.
        public var isNews: Bool {
            switch self {
            case .otherDomain, .unknown, .wrongPassword: false
            case .ambiguous, .disabled, .outdatedPassword, .noIdentifier: true
            }
        }
    }
}
