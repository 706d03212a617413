/// A template, parsed once: Mustache with inheritance (https://mustache.github.io/mustache.5.html and its specification).
///
/// Where the specification leaves a choice: the empty text is falsy and zero is not; blank lines are never indented; a block
/// that is filled keeps the end of its line; a tag other than a block directly inside of a parent is refused. Lambdas and
/// dynamic names, both optional, are left out: a template computes nothing.
public struct Template: Sendable {
    /// The name under which other templates include it, such as `partials/field`.
    public let name: String

    let nodes: [Node]

    /// Parses the source.
    ///
    /// Throws the first mistake with its place; keys and partials are for ``TemplateSet/check(_:against:)``.
    ///
    /// Sections, blocks and parents may stand 64 deep inside of each other. Partials whose names begin with `wording` stand
    /// for words in a line, not for lines: one that is alone on its line leaves the end of that line in place.
    public init(parsing source: String, named name: String, wording: String? = nil) throws(MustacheError) {
        self.name = name
        nodes = try Parser.parse(source, named: name, wording: wording)
    }

    /// The names of all templates that this one includes, as partials and as parents.
    public var inclusions: Set<String> {
        var names: Set<String> = []
        nodes.collectInclusions(into: &names)
        return names
    }
}

extension [Node] {
    fileprivate func collectInclusions(into names: inout Set<String>) {
        for node in self {
            switch node {
            case .text, .value: break
            case .section(let section): section.content.collectInclusions(into: &names)
            case .block(let block): block.filling.nodes.collectInclusions(into: &names)
            case .inclusion(let inclusion):
                names.insert(inclusion.name)
                for filling in inclusion.fillings { filling.nodes.collectInclusions(into: &names) }
            }
        }
    }
}
