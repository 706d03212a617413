public import Mustache

/// Says that an account is made for somebody whom a connector has proven, and what that asks of them.
///
/// Posts `csrf` and, where they are accepted, `terms`.
public struct ConnectorAccountPage: Page {
    /// The page's template.
    public static let template = "connector-account"

    /// What people call the connector.
    public let connector: String
    /// The address that the account will have.
    public let email: String
    /// The terms to accept.
    public let termsURL: String
    /// Whether they were not.
    public let isUnaccepted: Bool
    /// The token against forged posts.
    public let csrf: String
    /// Where the form is posted to.
    public let action: String
    /// Where whoever wants no account came from.
    public let leaveURL: String

    /// A page.
    public init(
        connector: String, email: String, termsURL: String, isUnaccepted: Bool = false, csrf: String, action: String,
        leaveURL: String
    ) {
        self.connector = connector
        self.email = email
        self.termsURL = termsURL
        self.isUnaccepted = isUnaccepted
        self.csrf = csrf
        self.action = action
        self.leaveURL = leaveURL
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "connector": .string(connector),
            "email": .string(email),
            "termsURL": .link(termsURL),
            "termsMissing": .bool(isUnaccepted),
            "csrf": .string(csrf),
            "action": .link(action),
            "leaveURL": .link(leaveURL),
        ]
    }

    /// A page with everything on it.
    public static var example: ConnectorAccountPage {
        ConnectorAccountPage(
            connector: "Google", email: "mara.lindqvist@example.org", termsURL: "https://sundial.example/terms",
            isUnaccepted: true, csrf: "Yk3J0", action: "/federation/google/account", leaveURL: "/account/sign-in")
    }
}
