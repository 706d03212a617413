public import Mustache

/// Asks for another address for an account.
///
/// Posts `csrf` and `email`.
public struct ChangeEmailPage: Page {
    /// Why the page is shown again.
    public enum Problem: Equatable, Sendable {
        /// What was typed cannot be an address.
        case invalidEmail
        /// It is the address of the account.
        case ownEmail
        /// Too much was asked for from this network.
        case tooMany(seconds: Int)
    }

    /// The page's template.
    public static let template = "account-email"

    /// What is around it.
    public let frame: AccountFrame
    /// What was typed before.
    public let email: String
    /// What went wrong before.
    public let problem: Problem?
    /// The token against forged posts.
    public let csrf: String

    /// A page.
    public init(frame: AccountFrame, email: String = "", problem: Problem? = nil, csrf: String) {
        self.frame = frame
        self.email = email
        self.problem = problem
        self.csrf = csrf
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        var wait: Int?
        if case .tooMany(let seconds) = problem { wait = seconds }
        return frame.value([
            "email": .string(email),
            "problem": .bool(problem != nil),
            "invalidEmail": .bool(problem == .invalidEmail),
            "ownEmail": .bool(problem == .ownEmail),
            "unfitEmail": .bool(problem == .invalidEmail || problem == .ownEmail),
            "tooMany": ShownWait.value(wait),
            "csrf": .string(csrf),
        ])
    }

    /// A page with everything on it.
    public static var example: ChangeEmailPage {
        ChangeEmailPage(frame: .example, email: "mara@example.net", problem: .tooMany(seconds: 240), csrf: "Yk3J0")
    }
}
