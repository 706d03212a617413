public import Mustache

/// Makes an account, behind a link from a mail.
///
/// Posts `csrf`, `link`, and `name` and `password` where they are asked for: after an invitation, and in another browser
/// than the one of the sign-up, where nobody knows who chose the password. Opening the page spends nothing.
public struct SignUpConfirmPage: Page {
    /// The page's template.
    public static let template = "sign-up-confirm"

    /// The address that is proven.
    public let email: String
    /// The name as it was typed.
    public let name: String
    /// Whether name and password are asked for.
    public let asksPassword: Bool
    /// What is wrong with what was typed.
    public let problems: SignUpPage.Problems
    /// The terms to accept; nil where there are none, or they are accepted.
    public let termsURL: String?
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
        email: String, name: String, asksPassword: Bool, problems: SignUpPage.Problems = .init(), termsURL: String?,
        link: String, csrf: String, action: String, advice: PasswordAdvice? = nil
    ) {
        self.email = email
        self.name = name
        self.asksPassword = asksPassword
        self.problems = problems
        self.termsURL = termsURL
        self.link = link
        self.csrf = csrf
        self.action = action
        self.advice = advice
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "email": .string(email),
            "name": .string(name),
            "asksPassword": .bool(asksPassword),
            "problem": .bool(!problems.isEmpty),
            "invalidName": .bool(problems.name),
            "unfitPassword": .bool(problems.password),
            "termsMissing": .bool(problems.terms),
            "busy": .bool(problems.busy),
            "termsURL": .link(termsURL),
            "link": .string(link),
            "csrf": .string(csrf),
            "action": .link(action),
            "advice": advice?.value ?? .null,
        ]
    }

    /// A page with everything on it.
    public static var example: SignUpConfirmPage {
        SignUpConfirmPage(
            email: "mara.lindqvist@example.org", name: "Mara Lindqvist", asksPassword: true,
            problems: SignUpPage.example.problems, termsURL: "https://sundial.example/terms", link: "h7Qe",
            csrf: "Yk3J0", action: "/sign-up/confirm", advice: .example)
    }
}
