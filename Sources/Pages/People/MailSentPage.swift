public import Mustache

/// Says that a mail is on its way if there is an account: the same to everybody.
public struct MailSentPage: Page {
    /// The page's template.
    public static let template = "mail-sent"

    /// The address as it was typed.
    public let email: String
    /// How long the link works.
    public let lifetime: ShownPeriod
    /// Where another mail can be asked for.
    public let againURL: String
    /// The inbox of development mode; nil in production.
    public let inboxURL: String?

    /// A page.
    public init(email: String, lifetime: ShownPeriod, againURL: String, inboxURL: String? = nil) {
        self.email = email
        self.lifetime = lifetime
        self.againURL = againURL
        self.inboxURL = inboxURL
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "email": .string(email), "linkTime": lifetime.value, "againURL": .link(againURL),
            "inboxURL": .link(inboxURL),
        ]
    }

    /// A page with everything on it.
    public static var example: MailSentPage {
        MailSentPage(
            email: "mara.lindqvist@example.org", lifetime: ShownPeriod(seconds: 1800), againURL: "/forgot-password",
            inboxURL: "/inbox")
    }
}
