public import Mustache

/// Asks whether an account is to be deleted, and says what that means.
///
/// Posts `csrf`.
public struct DeleteAccountPage: Page {
    /// The page's template.
    public static let template = "account-delete"

    /// What is around it.
    public let frame: AccountFrame
    /// After how many days it would be gone.
    public let days: Int
    /// The token against forged posts.
    public let csrf: String

    /// A page.
    public init(frame: AccountFrame, days: Int, csrf: String) {
        self.frame = frame
        self.days = days
        self.csrf = csrf
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        frame.value([
            "days": .string(String(days)), "several": .bool(days > 1), "one": .bool(days == 1),
            "atOnce": .bool(days < 1), "csrf": .string(csrf),
        ])
    }

    /// A page with everything on it.
    public static var example: DeleteAccountPage { DeleteAccountPage(frame: .example, days: 14, csrf: "Yk3J0") }
}
