public import Mustache

/// Says that the session has ended: OpenID Connect RP-Initiated Logout §2 and §3.
public struct SignedOutPage: Page {
    /// The page's template.
    public static let template = "signed-out"

    /// A registered post-logout redirect URI to offer as a link.
    public let returnURL: String?
    /// The client that the link leads to, by its name for people.
    public let clientName: String?

    /// Pages of clients that drop what they keep in this browser; the page goes on to `returnURL` when all have loaded.
    public let frames: [String]

    /// A page; `returnURL` and `frames` must have been verified.
    public init(returnURL: String? = nil, clientName: String? = nil, frames: [String] = []) {
        self.frames = frames
        self.returnURL = returnURL
        self.clientName = clientName
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "returnURL": .link(returnURL), "clientName": .init(clientName), "frames": .list(frames.map { .link($0) }),
            "goesOn": .bool(returnURL != nil && !frames.isEmpty),
        ]
    }

    /// A page with everything on it but frames, which show what is elsewhere.
    public static var example: SignedOutPage {
        SignedOutPage(returnURL: "https://notes.sundial.example/", clientName: "Sundial Notes")
    }
}
