/// The start tags of a page, in order: as much of HTML as the suites need.
struct Markup {
    struct Element {
        let name: String
        let attributes: [String: String]
        /// The text up to the next tag.
        let text: String

        var id: String? { attributes["id"] }
    }

    let elements: [Element]

    init(_ html: String) {
        // Attribute values in our templates are always in double quotes; what is not does not match, and is missed.
        elements = html.matches(of: /<([a-zA-Z][a-zA-Z0-9]*)((?:\s+[^\s=<>"']+(?:="[^"]*")?)*)\s*\/?>([^<]*)/).map {
            match in
            var attributes: [String: String] = [:]
            for attribute in match.2.matches(of: /([^\s=<>"']+)(?:="([^"]*)")?/) {
                attributes[String(attribute.1).lowercased()] = String(attribute.2 ?? "")
            }
            return Element(name: match.1.lowercased(), attributes: attributes, text: String(match.3))
        }
    }

    var ids: [String] { elements.compactMap(\.id) }

    subscript(id: String) -> Element? { elements.first { $0.id == id } }

    func all(_ names: String...) -> [Element] { elements.filter { names.contains($0.name) } }

    /// Tag and attribute names without their values: what a text must never change.
    var skeleton: [String] {
        elements.map { ([$0.name] + $0.attributes.keys.sorted()).joined(separator: " ") }
    }
}
