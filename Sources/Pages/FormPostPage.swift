public import Mustache

/// Carries an authorization response to the client in a form: OAuth 2.0 Form Post Response Mode §2.
///
/// The static script posts it at once; without script a button does. `Content-Security-Policy: form-action` must name
/// the redirect URI's origin.
public struct FormPostPage: Page {
    /// A response parameter.
    public struct Field: Equatable, Sendable {
        /// Its name.
        public let name: String
        /// Its value.
        public let value: String

        /// A parameter.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The page's template.
    public static let template = "form-post"

    /// The redirect URI.
    public let action: String
    /// The response, in order.
    public let fields: [Field]
    /// The client, by its name for people.
    public let clientName: String

    /// A page; `action` must be a redirect URI that has been verified.
    public init(action: String, fields: [Field], clientName: String) {
        self.action = action
        self.fields = fields
        self.clientName = clientName
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "action": .link(action),
            "fields": .list(fields.map { ["name": .string($0.name), "value": .string($0.value)] }),
            "clientName": .string(clientName),
        ]
    }

    /// A page with everything on it.
    public static var example: FormPostPage {
        FormPostPage(
            action: "https://notes.sundial.example/callback",
            fields: [
                Field(name: "code", value: "SbxB0t3kQ1m7"), Field(name: "state", value: "a-1"),
                Field(name: "iss", value: "https://login.example.org"),
            ],
            clientName: "Sundial Notes"
        )
    }
}
