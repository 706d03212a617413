public import Mustache

/// Says that a sign-in cannot go on here, and where it can: no specification owns it.
public struct InteractionOverPage: Page {
    /// Why it cannot go on.
    public enum Reason: CaseIterable, Equatable, Sendable {
        /// It is done, perhaps in another tab or before the Back button.
        case finished
        /// It waited too long.
        case expired
        /// It is bound to another browser (RFC 9700 §4.7).
        case otherBrowser
        /// There is none under this address.
        case unknown
    }

    /// The page's template.
    public static let template = "interaction-over"

    /// Why it cannot go on.
    public let reason: Reason
    /// The client that asked, by its name for people; nil where it is not known or not this browser's business.
    public let clientName: String?

    /// What the log knows the request by; nil where it knows nothing of it.
    public let supportCode: String?

    /// A page.
    public init(reason: Reason, clientName: String? = nil, supportCode: String? = nil) {
        self.reason = reason
        self.clientName = clientName
        self.supportCode = supportCode
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "clientName": .init(clientName),
            "supportCode": .init(supportCode),
            "finished": .bool(reason == .finished),
            "expired": .bool(reason == .expired),
            "otherBrowser": .bool(reason == .otherBrowser),
            "unknown": .bool(reason == .unknown),
        ]
    }

    /// A page with everything on it.
    public static var example: InteractionOverPage {
        InteractionOverPage(reason: .finished, clientName: "Sundial Notes", supportCode: "k3v7q2mz5yhpa")
    }
}
