public import Mustache

/// A page that a person sees: the typed model of one template in the root of `templates/`.
///
/// A page holds plain text; the template escapes it, and words of its own stand in the template, where an operator can
/// change them. What becomes a link or the target of a form passes through ``Mustache/MustacheValue/link(_:)``.
public protocol Page: Sendable {
    /// The name of the template: its file name without `.mustache`.
    static var template: String { get }

    /// What the template is rendered with: an object that has every key the template names, whatever the state.
    var value: MustacheValue { get }

    /// A page with everything on it that can be: templates are checked against its shape.
    static var example: Self { get }
}
