public import Mustache

/// Offers somebody who has just signed in to keep the account that is to be deleted.
///
/// Posts `csrf` and `interaction`.
public struct LeavingPage: Page {
    /// The page's template.
    public static let template = "account-leaving"

    /// The address of the account.
    public let email: String
    /// When it is deleted.
    public let moment: ShownMoment
    /// The identifier of the authorization request that waits; empty where none does.
    public let interaction: String
    /// Where it goes on without keeping the account.
    public let continueURL: String
    /// The token against forged posts.
    public let csrf: String
    /// Where the form is posted to.
    public let action: String

    /// A page.
    public init(
        email: String, moment: ShownMoment, interaction: String, continueURL: String, csrf: String, action: String
    ) {
        self.email = email
        self.moment = moment
        self.interaction = interaction
        self.continueURL = continueURL
        self.csrf = csrf
        self.action = action
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "email": .string(email), "moment": moment.value, "interaction": .string(interaction),
            "continueURL": .link(continueURL), "csrf": .string(csrf), "action": .link(action),
        ]
    }

    /// A page with everything on it.
    public static var example: LeavingPage {
        LeavingPage(
            email: "mara.lindqvist@example.org", moment: ShownMoment(seconds: 1_748_779_200), interaction: "8f2c1d",
            continueURL: "/interaction/8f2c1d", csrf: "Yk3J0", action: "/account/stay")
    }
}
