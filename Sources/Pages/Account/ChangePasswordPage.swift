public import Mustache

/// Asks somebody who is signed in for their password and for a new one: ASVS 6.2.3.
///
/// Posts `csrf`, `current` and `password`.
public struct ChangePasswordPage: Page {
    /// Why the page is shown again.
    public enum Problem: Equatable, Sendable {
        /// The password before is another.
        case wrongPassword
        /// Too many attempts failed: nothing was compared.
        case tooMany(seconds: Int)
        /// The new password may not be chosen.
        case unfitPassword
        /// Too much is going on.
        case busy
    }

    /// The page's template.
    public static let template = "account-password"

    /// What is around it.
    public let frame: AccountFrame
    /// Whether the account has a password.
    public let hasPassword: Bool
    /// What went wrong before.
    public let problem: Problem?
    /// The token against forged posts.
    public let csrf: String
    /// What is said of the new password; nil where nobody judges it.
    public let advice: PasswordAdvice?

    /// A page.
    public init(
        frame: AccountFrame, hasPassword: Bool, problem: Problem? = nil, csrf: String, advice: PasswordAdvice?
    ) {
        self.frame = frame
        self.hasPassword = hasPassword
        self.problem = problem
        self.csrf = csrf
        self.advice = advice
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        var wait: Int?
        if case .tooMany(let seconds) = problem { wait = seconds }
        return frame.value([
            "hasPassword": .bool(hasPassword),
            "problem": .bool(problem != nil),
            "wrongPassword": .bool(problem == .wrongPassword),
            "unfitPassword": .bool(problem == .unfitPassword),
            "busy": .bool(problem == .busy),
            "tooMany": ShownWait.value(wait),
            "csrf": .string(csrf),
            "advice": advice?.value ?? .null,
        ])
    }

    /// A page with everything on it.
    public static var example: ChangePasswordPage {
        ChangePasswordPage(
            frame: .example, hasPassword: true, problem: .tooMany(seconds: 240), csrf: "Yk3J0", advice: .example)
    }
}
