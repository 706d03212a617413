import Mustache

/// What every account page has around its content: whose account it is, the ways to the other pages, and a warning
/// before the session ends.
public struct AccountFrame: Equatable, Sendable {
    /// Whose account it is.
    public let accountEmail: String
    /// The path of the account pages, such as `/account`.
    public let rootURL: String
    /// The page itself: opening it again keeps the session.
    public let pageURL: String
    /// Where signing out begins.
    public let signOutURL: String
    /// Seconds after which the page warns that the session is about to end; nil for never.
    public let warnAfter: Int?

    /// A frame.
    public init(accountEmail: String, rootURL: String, pageURL: String, signOutURL: String, warnAfter: Int?) {
        self.accountEmail = accountEmail
        self.rootURL = rootURL
        self.pageURL = pageURL
        self.signOutURL = signOutURL
        self.warnAfter = warnAfter
    }

    /// The members of a page in this frame.
    func value(_ members: [String: MustacheValue]) -> MustacheValue {
        let own: [String: MustacheValue] = [
            "accountEmail": .string(accountEmail),
            "overviewURL": .link(rootURL),
            "securityURL": .link(rootURL + "/security"),
            "sessionsURL": .link(rootURL + "/sessions"),
            "appsURL": .link(rootURL + "/apps"),
            "pageURL": .link(pageURL),
            "signOutURL": .link(signOutURL),
            "warnAfter": .init(warnAfter.map(String.init)),
        ]
        return .object(members.merging(own) { member, _ in member })
    }

    static let example = AccountFrame(
        accountEmail: "mara.lindqvist@example.org", rootURL: "/account", pageURL: "/account/security",
        signOutURL: "/logout", warnAfter: 1200)
}
