public import Mustache

/// Asks for a new password, behind a link from a mail: ASVS 6.4.3.
///
/// Posts `csrf`, `link` and `password`. Opening the page spends nothing, so that programs that follow the links in mails
/// do no harm.
public struct ResetPasswordPage: Page {
    /// The page's template.
    public static let template = "reset-password"

    /// The address of the account.
    public let email: String
    /// Whether the password that was typed may not be chosen.
    public let isUnfit: Bool
    /// The secret of the link.
    public let link: String
    /// The token against forged posts.
    public let csrf: String
    /// Where the form is posted to.
    public let action: String
    /// What is said of the password; nil where nobody judges it.
    public let advice: PasswordAdvice?

    /// A page.
    public init(
        email: String, isUnfit: Bool = false, link: String, csrf: String, action: String, advice: PasswordAdvice? = nil
    ) {
        self.email = email
        self.isUnfit = isUnfit
        self.link = link
        self.csrf = csrf
        self.action = action
        self.advice = advice
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "email": .string(email),
            "unfitPassword": .bool(isUnfit),
            "link": .string(link),
            "csrf": .string(csrf),
            "action": .link(action),
            "advice": advice?.value ?? .null,
        ]
    }

    /// A page with everything on it.
    public static var example: ResetPasswordPage {
        ResetPasswordPage(
            email: "mara.lindqvist@example.org", isUnfit: true, link: "h7Qe", csrf: "Yk3J0", action: "/reset-password",
            advice: .example)
    }
}
