public import Mustache

/// Says that the session has ended: OpenID Connect RP-Initiated Logout §2 and §3.
public struct SignedOutPage: Page {
    /// The page's template.
    public static let template = "signed-out"

    /// A registered post-logout redirect URI to offer as a link.
    public let returnURL: String?
    /// The client that the link leads to, by its name for people.
    public let clientName: String?

    /// A page; `returnURL` must have been verified.
    public init(returnURL: String? = nil, clientName: String? = nil) {
        self.returnURL = returnURL
        self.clientName = clientName
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        ["returnURL": .link(returnURL), "clientName": .init(clientName)]
    }

    /// A page with everything on it.
    public static var example: SignedOutPage {
        SignedOutPage(returnURL: "https://notes.sundial.example/", clientName: "Sundial Notes")
    }
}
