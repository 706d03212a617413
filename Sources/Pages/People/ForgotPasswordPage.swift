public import Mustache

/// Asks for the address of an account whose password is forgotten.
///
/// Posts `csrf` and `email`.
public struct ForgotPasswordPage: Page {
    /// Why the page is shown again.
    public enum Problem: Equatable, Sendable {
        /// What was typed cannot be an address.
        case invalidEmail
        /// Too much was asked for from this network, whichever addresses it was about.
        case tooMany(seconds: Int)
        /// The challenge was not met.
        case challenge
    }

    /// The page's template.
    public static let template = "forgot-password"

    /// What was typed before.
    public let email: String
    /// What went wrong before.
    public let problem: Problem?
    /// The token against forged posts.
    public let csrf: String
    /// Where the form is posted to.
    public let action: String
    /// A challenge in the form; nil for none.
    public let challenge: ChallengeBox?

    /// A page.
    public init(
        email: String = "", problem: Problem? = nil, csrf: String, action: String, challenge: ChallengeBox? = nil
    ) {
        self.email = email
        self.problem = problem
        self.csrf = csrf
        self.action = action
        self.challenge = challenge
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        var wait: Int?
        if case .tooMany(let seconds) = problem { wait = seconds }
        return [
            "email": .string(email),
            "problem": .bool(problem != nil),
            "invalidEmail": .bool(problem == .invalidEmail),
            "tooMany": ShownWait.value(wait),
            "csrf": .string(csrf),
            "challengeFailed": .bool(problem == .challenge),
            "challenge": challenge?.value ?? .null,
            "action": .link(action),
        ]
    }

    /// A page with everything on it.
    public static var example: ForgotPasswordPage {
        ForgotPasswordPage(
            email: "mara.lindqvist", problem: .invalidEmail, csrf: "Yk3J0", action: "/forgot-password",
            challenge: .example)
    }
}
