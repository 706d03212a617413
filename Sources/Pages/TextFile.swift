public import Mustache

/// A text that a person keeps as a file: the typed model of one template in `templates/files/`.
public protocol TextFile: Sendable {
    /// The name of the template in its folder.
    static var template: String { get }

    /// What the template is rendered with.
    var value: MustacheValue { get }

    /// A file with everything in it: templates are checked against its shape.
    static var example: Self { get }
}

extension TextFile {
    /// The template among all others.
    static var path: String { "files/" + template }
}
