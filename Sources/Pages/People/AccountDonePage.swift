public import Mustache

/// Says that something about an account is done.
public struct AccountDonePage: Page {
    /// What is done.
    public enum Deed: CaseIterable, Equatable, Sendable {
        /// It has a new password.
        case passwordChanged
        /// It has a new password, and its owner is still signed in here.
        case passwordReplaced
        /// It has no password any more.
        case passwordRemoved
        /// It has another address.
        case emailChanged
        /// It is there.
        case created
        /// It has its earlier address back.
        case emailRestored
        /// Everybody is signed out of it, and it is frozen.
        case disowned
        /// It is not deleted after all.
        case kept
        /// It is going to be deleted.
        case leaving
    }

    /// The page's template.
    public static let template = "account-done"

    /// What is done.
    public let deed: Deed
    /// The address of the account.
    public let email: String
    /// Where the authorization request that waits goes on; nil where none does.
    public let continueURL: String?
    /// When the account is deleted; nil where it is not to be.
    public let moment: ShownMoment?

    /// A page.
    public init(deed: Deed, email: String, continueURL: String? = nil, moment: ShownMoment? = nil) {
        self.moment = moment
        self.deed = deed
        self.email = email
        self.continueURL = continueURL
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "passwordChanged": .bool(deed == .passwordChanged),
            "passwordReplaced": .bool(deed == .passwordReplaced),
            "passwordRemoved": .bool(deed == .passwordRemoved),
            "emailChanged": .bool(deed == .emailChanged),
            "created": .bool(deed == .created),
            "emailRestored": .bool(deed == .emailRestored),
            "disowned": .bool(deed == .disowned),
            "kept": .bool(deed == .kept),
            "leaving": .bool(deed == .leaving),
            "moment": moment?.value ?? .null,
            "email": .string(email),
            "continueURL": .link(continueURL),
        ]
    }

    /// A page with everything on it.
    public static var example: AccountDonePage {
        AccountDonePage(
            deed: .leaving, email: "mara.lindqvist@example.org", continueURL: "/interaction/8f2c1d",
            moment: ShownMoment(seconds: 1_748_779_200))
    }
}
