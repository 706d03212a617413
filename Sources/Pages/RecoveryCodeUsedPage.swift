public import Mustache

/// Says how many recovery codes are left after one opened the account.
public struct RecoveryCodeUsedPage: Page {
    /// The page's template.
    public static let template = "recovery-code-used"

    /// How many are left.
    public let left: Int
    /// Where the sign-in goes on.
    public let continueURL: String
    /// Where new codes are made.
    public let securityURL: String

    /// A page.
    public init(left: Int, continueURL: String, securityURL: String) {
        self.left = left
        self.continueURL = continueURL
        self.securityURL = securityURL
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "left": .count(left),
            "continueURL": .link(continueURL),
            "securityURL": .link(securityURL),
        ]
    }

    /// A page with everything on it.
    public static var example: RecoveryCodeUsedPage {
        RecoveryCodeUsedPage(left: 9, continueURL: "/interaction/8f2c1d", securityURL: "/account/security")
    }
}
