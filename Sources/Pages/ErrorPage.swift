public import Mustache

/// Says what went wrong and what a person can do: RFC 6749 §4.1.2.1, where an error must not be redirected.
///
/// The texts are the server's own words: nothing of the request belongs on this page.
public struct ErrorPage: Page {
    /// The page's template.
    public static let template = "error"

    /// What happened, in a few words.
    public let title: String
    /// What happened, in a sentence.
    public let message: String
    /// What the person can do.
    public let advice: String
    /// What to tell the operator: finds the event in the log.
    public let supportCode: String
    /// The error code of the specification, for the client's developers.
    public let code: String?
    /// What the developers have to change.
    public let developerMessage: String?

    /// A page.
    public init(
        title: String,
        message: String,
        advice: String,
        supportCode: String,
        code: String? = nil,
        developerMessage: String? = nil
    ) {
        self.title = title
        self.message = message
        self.advice = advice
        self.supportCode = supportCode
        self.code = code
        self.developerMessage = developerMessage
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        let isForDevelopers = code != nil || developerMessage != nil
        return [
            "title": .string(title),
            "message": .string(message),
            "advice": .string(advice),
            "supportCode": .string(supportCode),
            "developer": isForDevelopers ? ["code": .init(code), "reason": .init(developerMessage)] : nil,
        ]
    }

    /// The page for an address that leads nowhere.
    public static func notFound(supportCode: String) -> ErrorPage {
        ErrorPage(
            title: "There is no such page",
            message: "The address may be incomplete, or the page has moved.",
            advice: "Check the address, or go back to the app or site where you began.",
            supportCode: supportCode
        )
    }

    /// A page with everything on it.
    public static var example: ErrorPage {
        ErrorPage(
            title: "This app sent a request we can’t answer",
            message: "It asked us to send you to an address that it has not registered, so we stopped here.",
            advice: "Go back and try again. If it keeps happening, tell the people who make the app, and give them the "
                + "support code.",
            supportCode: "7KQ2-M4XD",
            code: "invalid_request",
            developerMessage: "redirect_uri is not registered for this client"
        )
    }
}
