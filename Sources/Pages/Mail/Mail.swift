public import Mustache

/// A mail that a person gets: the typed model of two templates in `templates/mail/`, `NAME.text` and `NAME.html`.
///
/// The first line of the text template is the subject.
public protocol Mail: Sendable {
    /// The name of the templates.
    static var template: String { get }

    /// What both templates are rendered with.
    var value: MustacheValue { get }

    /// A mail with everything in it: templates are checked against its shape.
    static var example: Self { get }
}

/// A mail as its templates made it.
public struct RenderedMail: Sendable, Equatable {
    /// The first line of the text.
    public let subject: String
    /// The rest of the text.
    public let text: String
    /// The HTML.
    public let html: String
}
