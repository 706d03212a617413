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
    ///
    /// Where no script does that, the page says when it was opened how long the session lasts.
    public let warnAfter: Int?

    /// From the warning to the end of the session.
    public static let warning = Duration.seconds(120)

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
            "lasts": warnAfter.map { AccountFrame.lasting($0 + Int(AccountFrame.warning.components.seconds)) } ?? .null,
        ]
        return .object(members.merging(own) { member, _ in member })
    }

    /// A time in whole hours or minutes, rather less than more.
    private static func lasting(_ seconds: Int) -> MustacheValue {
        let isLong = seconds >= 2 * 3600
        return [
            "hours": isLong ? .count(seconds / 3600) : .null,
            "minutes": isLong ? .null : .count(max(1, seconds / 60)),
        ]
    }

    static let example = AccountFrame(
        accountEmail: "mara.lindqvist@example.org", rootURL: "/account", pageURL: "/account/security",
        signOutURL: "/logout", warnAfter: 1200)
}
