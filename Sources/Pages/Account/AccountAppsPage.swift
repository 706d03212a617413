public import Mustache

/// Lists the clients that a person gave access to, and takes it back.
///
/// Each form posts `csrf` and `client`, whose access ends.
public struct AccountAppsPage: Page {
    /// One client.
    public struct Entry: Equatable, Sendable {
        /// Its name for people.
        public let name: String
        /// What the person allowed it, asked or not; none where it is the operator's own and nobody was asked.
        public let scopes: [ConsentPage.Scope]
        /// When the first of it was allowed; nil where nobody was asked.
        public let since: ShownMoment?
        /// What names it in the form.
        public let handle: String

        /// An entry.
        public init(name: String, scopes: [ConsentPage.Scope], since: ShownMoment?, handle: String) {
            self.name = name
            self.scopes = scopes
            self.since = since
            self.handle = handle
        }

        var value: MustacheValue {
            [
                "name": .string(name), "scopes": .list(scopes.map(\.value)), "since": since?.value ?? .null,
                "handle": .string(handle),
            ]
        }
    }

    /// The page's template.
    public static let template = "account-apps"

    /// What is around it.
    public let frame: AccountFrame
    /// The clients, in the order of their names.
    public let apps: [Entry]
    /// The token against forged posts.
    public let csrf: String

    /// A page.
    public init(frame: AccountFrame, apps: [Entry], csrf: String) {
        self.frame = frame
        self.apps = apps
        self.csrf = csrf
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        frame.value([
            "apps": .list(apps.map(\.value)), "action": .link(frame.rootURL + "/apps/withdraw"), "csrf": .string(csrf),
        ])
    }

    /// A page with everything on it.
    public static var example: AccountAppsPage {
        AccountAppsPage(
            frame: .example,
            apps: [
                Entry(
                    name: "Sundial Notes", scopes: ConsentPage.example.scopes,
                    since: ShownMoment(seconds: 1_748_779_200), handle: "sundial"),
                Entry(name: "Reports", scopes: [], since: nil, handle: "reports"),
            ],
            csrf: "Yk3J0")
    }
}
