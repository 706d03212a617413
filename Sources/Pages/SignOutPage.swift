public import Mustache

/// Asks whether to sign out: OpenID Connect RP-Initiated Logout §2.
///
/// Posts `csrf` and `decision=sign-out` or `decision=stay`.
public struct SignOutPage: Page {
    /// The page's template.
    public static let template = "sign-out"

    /// Who is signed in.
    public let accountEmail: String?
    /// The client that asks, by its name for people.
    public let clientName: String?
    /// The token against forged posts.
    public let csrf: String
    /// Where the form is posted to.
    public let action: String

    /// A page.
    public init(accountEmail: String?, clientName: String? = nil, csrf: String, action: String) {
        self.accountEmail = accountEmail
        self.clientName = clientName
        self.csrf = csrf
        self.action = action
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "accountEmail": .init(accountEmail),
            "clientName": .init(clientName),
            "csrf": .string(csrf),
            "action": .link(action),
        ]
    }

    /// A page with everything on it.
    public static var example: SignOutPage {
        SignOutPage(
            accountEmail: "mara.lindqvist@example.org",
            clientName: "Sundial Notes",
            csrf: "Yk3J0",
            action: "/logout"
        )
    }
}
