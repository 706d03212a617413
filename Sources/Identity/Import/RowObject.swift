import JSON

/// The members of a JSON object of an export, by the type that each must have.
///
/// `null` is as good as absent: exports write both.
struct RowObject {
    private let object: JSONObject
    /// What comes before a name in messages.
    private let place: String

    init(_ object: JSONObject, in place: String = "") {
        self.object = object
        self.place = place
    }

    /// Reads a row.
    init(parsing bytes: [UInt8]) throws(RowRefusal) {
        do {
            self.init(try JSONObject(parsing: bytes.span, limits: JSONLimits(bytes: ExportRows.rowLimit)))
        } catch {
            throw RowRefusal(.malformed, "byte \(error.offset): \(error.reason)")
        }
    }

    private func wrong(_ name: String) -> RowRefusal { RowRefusal(.wrongType, place + name) }

    func value(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    func string(_ name: String) throws(RowRefusal) -> String? {
        guard let value = value(name) else { return nil }
        guard let string = value.string else { throw wrong(name) }
        return string
    }

    /// The first of several names that is there: exports of several ages differ by them.
    func string(firstOf names: String...) throws(RowRefusal) -> String? {
        for name in names {
            if let text = try string(name) { return text }
        }
        return nil
    }

    func bool(_ name: String) throws(RowRefusal) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let bool = value.bool else { throw wrong(name) }
        return bool
    }

    func integer(_ name: String) throws(RowRefusal) -> Int64? {
        guard let value = value(name) else { return nil }
        guard let integer = value.integer else { throw wrong(name) }
        return integer
    }

    func object(_ name: String) throws(RowRefusal) -> RowObject? {
        guard let value = value(name) else { return nil }
        guard let object = value.object else { throw wrong(name) }
        return RowObject(object, in: place + name + ".")
    }

    /// Nothing where it is absent.
    func objects(_ name: String) throws(RowRefusal) -> [RowObject] {
        guard let value = value(name) else { return [] }
        guard let array = value.array else { throw wrong(name) }
        var objects: [RowObject] = []
        for element in array {
            guard let object = element.object else { throw wrong(name) }
            objects.append(RowObject(object, in: place + name + "."))
        }
        return objects
    }

    /// Nothing where it is absent.
    func strings(_ name: String) throws(RowRefusal) -> [String] {
        guard let value = value(name) else { return [] }
        guard let array = value.array else { throw wrong(name) }
        var strings: [String] = []
        for element in array {
            guard let string = element.string else { throw wrong(name) }
            strings.append(string)
        }
        return strings
    }

    /// Names, each a string or an object that has it by one of `members`; nothing where it is absent.
    func names(_ name: String, by members: [String]) throws(RowRefusal) -> [String] {
        guard let value = value(name) else { return [] }
        guard let array = value.array else { throw wrong(name) }
        var names: [String] = []
        for element in array {
            let text = element.string ?? members.lazy.compactMap { element.object?[$0]?.string }.first
            guard let text else { throw wrong(name) }
            names.append(text)
        }
        return names
    }

    /// A JSON object that is written as a string.
    func nested(_ name: String) throws(RowRefusal) -> RowObject? {
        if value(name)?.object != nil { return try object(name) }
        guard let text = try string(name) else { return nil }
        do {
            return RowObject(try JSONObject(parsing: text.utf8.span), in: place + name + ".")
        } catch {
            throw wrong(name)
        }
    }

    /// Whether a member is there and holds anything.
    func holds(_ name: String) -> Bool {
        switch value(name) {
        case nil: false
        case .array(let elements)?: !elements.isEmpty
        case .object(let object)?: !object.isEmpty
        case .string(let text)?: !text.isEmpty
        case .bool(let isSet)?: isSet
        default: true
        }
    }

    /// Refuses members that are none of these.
    func allowOnly(_ names: Set<String>) throws(RowRefusal) {
        // The name is not echoed: it may be anything.
        guard object.allSatisfy({ names.contains($0.name) }) else {
            throw RowRefusal(.unknownMember, place.isEmpty ? nil : "in " + place.dropLast())
        }
    }
}
