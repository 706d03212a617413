public import Mustache

/// Lists the sessions of a person: where they are signed in.
///
/// Each form posts `csrf` and `session`, the session that it ends, or `session=others`.
public struct AccountSessionsPage: Page {
    /// One session.
    public struct Entry: Equatable, Sendable {
        /// The browser: program and system, such as `Firefox on Linux`; empty where neither is known.
        public let device: String
        /// The network of its last use; nil where it is not known.
        public let network: String?
        /// Where that is; nil where it is not known.
        public let place: String?
        /// When it began.
        public let started: ShownMoment
        /// When it was last used.
        public let lastUsed: ShownMoment
        /// The clients that were signed in to in it, by their names for people.
        public let clients: [String]
        /// Whether it is the one that looks.
        public let isCurrent: Bool
        /// What names it in the form.
        public let handle: String

        /// An entry.
        public init(
            device: String, network: String?, place: String? = nil, started: ShownMoment, lastUsed: ShownMoment,
            clients: [String],
            isCurrent: Bool, handle: String
        ) {
            self.device = device
            self.network = network
            self.place = place
            self.started = started
            self.lastUsed = lastUsed
            self.clients = clients
            self.isCurrent = isCurrent
            self.handle = handle
        }

        var value: MustacheValue {
            [
                "device": ShownDevice(device).value, "network": .init(network),
                "place": .init(place), "started": started.value,
                "lastUsed": lastUsed.value, "clients": .init(clients.isEmpty ? nil : clients.joined(separator: ", ")),
                "current": .bool(isCurrent), "handle": isCurrent ? .null : .string(handle),
            ]
        }
    }

    /// The page's template.
    public static let template = "account-sessions"

    /// What is around it.
    public let frame: AccountFrame
    /// The sessions, the last used first.
    public let sessions: [Entry]
    /// The token against forged posts.
    public let csrf: String

    /// A page.
    public init(frame: AccountFrame, sessions: [Entry], csrf: String) {
        self.frame = frame
        self.sessions = sessions
        self.csrf = csrf
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        frame.value([
            "sessions": .list(sessions.map(\.value)),
            "hasOthers": .bool(sessions.contains { !$0.isCurrent }),
            "action": .link(frame.rootURL + "/sessions/end"),
            "csrf": .string(csrf),
        ])
    }

    /// A page with everything on it.
    public static var example: AccountSessionsPage {
        let noon = ShownMoment(seconds: 1_748_779_200)
        return AccountSessionsPage(
            frame: .example,
            sessions: [
                Entry(
                    device: "Firefox on Linux", network: "192.0.2.0/24", place: "Bristol, United Kingdom",
                    started: noon, lastUsed: noon,
                    clients: ["Sundial Notes"], isCurrent: true, handle: "a1"),
                Entry(
                    device: "Safari on iPhone", network: nil, started: noon, lastUsed: noon, clients: [],
                    isCurrent: false, handle: "b2"),
            ],
            csrf: "Yk3J0")
    }
}
