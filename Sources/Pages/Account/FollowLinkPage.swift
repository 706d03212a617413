public import Mustache

/// What the link of a mail opens: says what is about to happen, and has a button that does it.
///
/// Opening it spends nothing, so that programs that follow the links in mails do no harm. Posts `csrf` and `link`.
public struct FollowLinkPage: Page {
    /// What the button does.
    public enum Deed: CaseIterable, Equatable, Sendable {
        /// The account gets the address that is shown.
        case changeEmail
        /// The account gets the address that is shown back, and everybody is signed out of it.
        case restoreEmail
        /// Everybody is signed out of the account, and it is frozen for a day.
        case disown
        /// The account is not deleted.
        case keepAccount
    }

    /// The page's template.
    public static let template = "follow-link"

    /// What the button does.
    public let deed: Deed
    /// The address that it is about.
    public let email: String
    /// Where to sign in first, without which there is no button; nil where nothing is in the way.
    public let signInURL: String?
    /// The secret of the link.
    public let link: String
    /// The token against forged posts.
    public let csrf: String
    /// Where the form is posted to.
    public let action: String

    /// A page.
    public init(
        deed: Deed, email: String, signInURL: String? = nil, link: String, csrf: String, action: String
    ) {
        self.deed = deed
        self.email = email
        self.signInURL = signInURL
        self.link = link
        self.csrf = csrf
        self.action = action
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "changeEmail": .bool(deed == .changeEmail),
            "restoreEmail": .bool(deed == .restoreEmail),
            "disown": .bool(deed == .disown),
            "keepAccount": .bool(deed == .keepAccount),
            "email": .string(email),
            "signInURL": .link(signInURL),
            "link": .string(link),
            "csrf": .string(csrf),
            "action": .link(action),
        ]
    }

    /// A page with everything on it.
    public static var example: FollowLinkPage {
        FollowLinkPage(
            deed: .changeEmail, email: "mara.lindqvist@example.org", signInURL: "/account/sign-in", link: "h7Qe",
            csrf: "Yk3J0", action: "/account/email/confirm")
    }
}
