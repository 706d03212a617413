public import Mustache

/// Lets a signed-in person choose this account or another: `prompt=select_account`, OpenID Connect Core §3.1.2.1.
///
/// Posts `csrf` and `choice=continue` or `choice=other`.
public struct SelectAccountPage: Page {
    /// The page's template.
    public static let template = "select-account"

    /// The client that asks, by its name for people.
    public let clientName: String?
    /// The name of the signed-in person.
    public let accountName: String
    /// Their e-mail address.
    public let accountEmail: String
    /// The token against forged posts.
    public let csrf: String
    /// Where the form is posted to.
    public let action: String

    /// A page.
    public init(clientName: String?, accountName: String, accountEmail: String, csrf: String, action: String) {
        self.clientName = clientName
        self.accountName = accountName
        self.accountEmail = accountEmail
        self.csrf = csrf
        self.action = action
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "clientName": .init(clientName),
            "accountName": .string(accountName),
            "accountEmail": .string(accountEmail),
            "csrf": .string(csrf),
            "action": .link(action),
        ]
    }

    /// A page with everything on it.
    public static var example: SelectAccountPage {
        SelectAccountPage(
            clientName: "Sundial Notes",
            accountName: "Mara Lindqvist",
            accountEmail: "mara.lindqvist@example.org",
            csrf: "Yk3J0",
            action: "/interaction/8f2c1d"
        )
    }
}
