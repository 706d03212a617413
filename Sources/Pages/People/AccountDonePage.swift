public import Mustache

/// Says that something about an account is done.
public struct AccountDonePage: Page {
    /// What is done.
    public enum Deed: CaseIterable, Equatable, Sendable {
        /// It has a new password.
        case passwordChanged
        /// It is there.
        case created
    }

    /// The page's template.
    public static let template = "account-done"

    /// What is done.
    public let deed: Deed
    /// The address of the account.
    public let email: String
    /// Where the authorization request that waits goes on; nil where none does.
    public let continueURL: String?

    /// A page.
    public init(deed: Deed, email: String, continueURL: String? = nil) {
        self.deed = deed
        self.email = email
        self.continueURL = continueURL
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "passwordChanged": .bool(deed == .passwordChanged),
            "created": .bool(deed == .created),
            "email": .string(email),
            "continueURL": .link(continueURL),
        ]
    }

    /// A page with everything on it.
    public static var example: AccountDonePage {
        AccountDonePage(
            deed: .created, email: "mara.lindqvist@example.org", continueURL: "/interaction/8f2c1d")
    }
}
