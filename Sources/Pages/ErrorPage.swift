public import Mustache

/// Says what went wrong and what a person can do: RFC 6749 §4.1.2.1, where an error must not be redirected.
///
/// Nothing of the request belongs on this page.
public struct ErrorPage: Page {
    /// What happened; each has a title, a sentence and an advice among the messages `error`.
    public enum Kind: Equatable, Sendable {
        /// A client asked for something that nobody can be sent back with: 400.
        case unanswerable
        /// A form that did not come from our own page: 403.
        case forbidden
        /// No such page: 404.
        case notFound
        /// The address cannot be used in this way: 405.
        case wrongMethod
        /// More was sent than the page takes: 413.
        case tooLarge
        /// Too much came from this network; after so many seconds there may be more: 429.
        case tooMany(seconds: Int)
        /// A failure of ours: 500.
        case failure
        /// We have too much to do: 503.
        case busy
        /// Somebody was asked whether to sign out and chose not to; no error at all.
        case stayed

        /// What the template calls it.
        var key: String {
            switch self {
            case .unanswerable: "unanswerable"
            case .forbidden: "forbidden"
            case .notFound: "notFound"
            case .wrongMethod: "wrongMethod"
            case .tooLarge: "tooLarge"
            case .tooMany: "tooMany"
            case .failure: "failure"
            case .busy: "busy"
            case .stayed: "stayed"
            }
        }

        /// One of each.
        static let all: [Kind] = [
            .unanswerable, .forbidden, .notFound, .wrongMethod, .tooLarge, .tooMany(seconds: 240), .failure, .busy,
            .stayed,
        ]
    }

    /// The page's template.
    public static let template = "error"

    /// What happened.
    public let kind: Kind
    /// What to tell the operator: finds the event in the log; nil where nothing is there.
    public let supportCode: String?
    /// The error code of the specification, for the client's developers.
    public let code: String?
    /// What the developers have to change: the words of the protocol, in English.
    public let developerMessage: String?

    /// A page.
    public init(_ kind: Kind, supportCode: String?, code: String? = nil, developerMessage: String? = nil) {
        self.kind = kind
        self.supportCode = supportCode
        self.code = code
        self.developerMessage = developerMessage
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        let isForDevelopers = code != nil || developerMessage != nil
        var members: [String: MustacheValue] = [
            "supportCode": .init(supportCode),
            "developer": isForDevelopers ? ["code": .init(code), "reason": .init(developerMessage)] : nil,
        ]
        for kind in Kind.all { members[kind.key] = .bool(kind.key == self.kind.key) }
        if case .tooMany(let seconds) = kind { members["tooMany"] = ShownWait.value(seconds) }
        return .object(members)
    }

    /// A page with everything on it.
    public static var example: ErrorPage {
        ErrorPage(
            .tooMany(seconds: 240), supportCode: "7KQ2-M4XD", code: "invalid_request",
            developerMessage: "redirect_uri is not registered for this client")
    }
}
