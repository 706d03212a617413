/// Templates that include each other by name.
public struct TemplateSet: Sendable {
    /// How `{{name}}` writes text, in every template of the set.
    public var escaping: Escaping
    /// Which form of a sentence goes with a number, in the language of the set; for English unless it is set.
    public var plural: PluralRule = { $0 == 1 ? .one : .other }

    private var templates: [String: Template]

    /// A set of templates; of two with the same name the last one counts.
    public init(_ templates: some Sequence<Template>, escaping: Escaping = .html) {
        self.escaping = escaping
        self.templates = Dictionary(templates.map { ($0.name, $0) }) { _, last in last }
    }

    /// Parses sources by name.
    ///
    /// Throws the first mistake, in the order of the names.
    public init(parsing sources: [String: String], escaping: Escaping = .html) throws(MustacheError) {
        var templates: [Template] = []
        for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
            templates.append(try Template(parsing: source, named: name))
        }
        self.init(templates, escaping: escaping)
    }

    /// The names of all templates, sorted.
    public var names: [String] { templates.keys.sorted() }

    /// The template of that name.
    public subscript(name: String) -> Template? { templates[name] }

    /// Adds a template, in place of one with the same name: so an operator overrides a single page.
    public mutating func insert(_ template: Template) {
        templates[template.name] = template
    }

    /// Renders to UTF-8.
    ///
    /// Unknown keys and partials are empty, as the specification has it: ``check(_:against:)`` finds them.
    ///
    /// Throws when there is no such template, and when templates and sections nest deeper than 128.
    public func render(_ name: String, _ value: MustacheValue) throws(MustacheError) -> [UInt8] {
        var renderer = Renderer(templates: templates, escaping: escaping, plural: plural, value: value)
        return try renderer.render(name)
    }

    /// Renders to a string; see ``render(_:_:)``.
    public func renderText(_ name: String, _ value: MustacheValue) throws(MustacheError) -> String {
        String(decoding: try render(name, value), as: UTF8.self)
    }

    /// Every mistake that rendering this template, with all that it includes, would hide: to be called at start.
    ///
    /// Finds keys that the model lacks, lists and objects used as text, templates that are missing, blocks that a parent
    /// never shows, and inclusion without end. Sorted by place, each mistake once.
    public func check(_ name: String, against schema: MustacheSchema) -> [MustacheError] {
        var checker = Checker(templates: templates, schema: schema)
        return checker.check(name)
    }
}
