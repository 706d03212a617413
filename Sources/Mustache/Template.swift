/// A template, parsed once: Mustache with inheritance (https://mustache.github.io/mustache.5.html and its specification).
public struct Template: Sendable {
    /// The name under which other templates include it, such as `partials/field`.
    public let name: String

    let nodes: [Node]

    /// Parses the source.
    ///
    /// Throws the first mistake with its place; keys and partials are for ``TemplateSet/check(_:against:)``.
    ///
    /// Sections, blocks and parents may stand 64 deep inside of each other.
    public init(parsing source: String, named name: String) throws(MustacheError) {
        self.name = name
        nodes = try Parser.parse(source, named: name)
    }
}
