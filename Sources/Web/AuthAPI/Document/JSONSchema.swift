import JSON

/// What a JSON value must look like: the part of JSON Schema 2020-12 that the calls of clients need.
///
/// The same schema judges what comes and is printed for whoever writes a client, so that the two cannot differ.
indirect enum JSONSchema: Sendable {
    /// An object with these members and no others.
    case object([Member])
    /// A text.
    case text(TextRule, about: String? = nil)
    /// A whole number from zero on.
    case count(about: String? = nil)
    /// True or false.
    case truth(about: String? = nil)
    /// That truth value alone.
    case always(Bool)
    /// One of these words.
    case words([String])
    /// A list of so many.
    case list(JSONSchema, ClosedRange<Int>, about: String? = nil)
    /// Exactly one of these.
    case one([JSONSchema])
    /// An object that is described elsewhere.
    case anyObject
    /// A schema with a name, under which the document has it once.
    case named(String, JSONSchema)

    /// A member of an object.
    struct Member: Sendable {
        let name: String
        let schema: JSONSchema
        let isRequired: Bool

        static func required(_ name: String, _ schema: JSONSchema) -> Member {
            Member(name: name, schema: schema, isRequired: true)
        }

        static func optional(_ name: String, _ schema: JSONSchema) -> Member {
            Member(name: name, schema: schema, isRequired: false)
        }
    }

    /// Where a value departs from the schema, as a JSON pointer (RFC 6901); nil where it does not.
    ///
    /// A member that nobody knows is not named: its pointer is that of its object, so that nothing of a request is echoed.
    func departure(of value: JSONValue, at pointer: String = "") -> String? {
        switch (self, value) {
        case (.object(let members), .object(let object)):
            for member in members {
                guard let part = object[member.name] else {
                    if member.isRequired { return pointer + "/" + member.name }
                    continue
                }
                if let found = member.schema.departure(of: part, at: pointer + "/" + member.name) { return found }
            }
            let known = members.count { object[$0.name] != nil }
            return known == object.count ? nil : pointer
        case (.text(let rule, _), .string(let text)): return rule.accepts(text) ? nil : pointer
        case (.count, .integer(let number)): return number >= 0 ? nil : pointer
        case (.truth, .bool), (.anyObject, .object): return nil
        case (.always(let expected), .bool(let given)): return expected == given ? nil : pointer
        case (.words(let words), .string(let text)):
            return words.contains { $0.utf8.elementsEqual(text.utf8) } ? nil : pointer
        case (.list(let element, let count, _), .array(let elements)):
            guard count.contains(elements.count) else { return pointer }
            for (place, part) in elements.enumerated() {
                if let found = element.departure(of: part, at: pointer + "/\(place)") { return found }
            }
            return nil
        case (.one(let schemas), _):
            return schemas.count { $0.departure(of: value) == nil } == 1 ? nil : pointer
        case (.named(_, let schema), _): return schema.departure(of: value, at: pointer)
        default: return pointer
        }
    }
}

extension JSONSchema: JSONEncodable {
    /// Writes it as JSON Schema; what has a name as a reference.
    func encode(to writer: inout JSONWriter) {
        switch self {
        case .object(let members):
            writer.object { writer in
                writer.member("type", "object")
                writer.object("properties") { writer in
                    for member in members { writer.member(named: member.name, member.schema) }
                }
                let required = members.filter(\.isRequired).map(\.name)
                if !required.isEmpty { writer.member("required", required) }
                writer.member("additionalProperties", false)
            }
        case .text(let rule, let about): rule.encode(to: &writer, about: about)
        case .count(let about):
            writer.object {
                $0.member("type", "integer")
                $0.member("minimum", 0)
                $0.member("description", about)
            }
        case .truth(let about):
            writer.object {
                $0.member("type", "boolean")
                $0.member("description", about)
            }
        case .always(let value):
            writer.object {
                $0.member("type", "boolean")
                $0.member("const", value)
            }
        case .words(let words):
            writer.object {
                $0.member("type", "string")
                $0.member("enum", words)
            }
        case .list(let element, let count, let about):
            writer.object {
                $0.member("type", "array")
                $0.member("items", element)
                $0.member("minItems", count.lowerBound)
                $0.member("maxItems", count.upperBound)
                $0.member("description", about)
            }
        case .one(let schemas): writer.object { $0.member("oneOf", schemas) }
        case .anyObject: writer.object { $0.member("type", "object") }
        case .named(let name, _): writer.object { $0.member("$ref", "#/components/schemas/" + name) }
        }
    }

    /// The schemas with a name in it, and in those.
    var named: [(name: String, schema: JSONSchema)] {
        switch self {
        case .object(let members): members.flatMap(\.schema.named)
        case .list(let element, _, _): element.named
        case .one(let schemas): schemas.flatMap(\.named)
        case .named(let name, let schema): [(name, schema)] + schema.named
        default: []
        }
    }
}
