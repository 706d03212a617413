public import Mustache

/// Asks whether the password is to be taken off an account that passkeys open.
///
/// Posts `csrf`.
public struct RemovePasswordPage: Page {
    /// The page's template.
    public static let template = "account-password-removal"

    /// What is around it.
    public let frame: AccountFrame
    /// The token against forged posts.
    public let csrf: String

    /// A page.
    public init(frame: AccountFrame, csrf: String) {
        self.frame = frame
        self.csrf = csrf
    }

    /// What the template is rendered with.
    public var value: MustacheValue { frame.value(["csrf": .string(csrf)]) }

    /// A page with everything on it.
    public static var example: RemovePasswordPage { RemovePasswordPage(frame: .example, csrf: "Yk3J0") }
}
