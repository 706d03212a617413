import JSON

/// Reads a JSON object of settings member by member; what is left over at the end has no meaning and is refused.
struct SettingsReader {
    private let object: JSONObject
    private var seen: Set<String> = []
    private let prefix: String

    init(_ object: JSONObject, within prefix: String = "") {
        self.object = object
        self.prefix = prefix
    }

    private mutating func value(_ name: String) -> JSONValue? {
        seen.insert(name)
        return object[name]
    }

    private func wrong(_ name: String, _ needs: String) -> SettingsFault { .wrong(prefix + name, needs: needs) }

    mutating func text(_ name: String, limit: Int = 2048) throws(SettingsFault) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string, (1...limit).contains(text.utf8.count),
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw wrong(name, "a text of 1 to \(limit) bytes without control characters") }
        return text
    }

    /// An address: https, or http of this machine.
    mutating func address(_ name: String) throws(SettingsFault) -> String? {
        guard let text = try text(name) else { return nil }
        guard UpstreamAddress.isSafe(text) else { throw .insecure(prefix + name) }
        return text
    }

    mutating func flag(_ name: String) throws(SettingsFault) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let flag = value.bool else { throw wrong(name, "true or false") }
        return flag
    }

    mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ name: String
    ) throws(SettingsFault) -> Word? {
        guard let value = value(name) else { return nil }
        guard let word = value.string.flatMap(Word.init(rawValue:)) else {
            throw wrong(name, "one of " + Word.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return word
    }

    mutating func texts(_ name: String, limit: Int = 100) throws(SettingsFault) -> [String]? {
        guard let value = value(name) else { return nil }
        let texts = value.array?.compactMap(\.string) ?? []
        guard let array = value.array, texts.count == array.count, texts.count <= limit,
            texts.allSatisfy({ (1...512).contains($0.utf8.count) })
        else { throw wrong(name, "a list of at most \(limit) texts") }
        return texts
    }

    mutating func pairs(_ name: String) throws(SettingsFault) -> [String: String]? {
        guard let value = value(name) else { return nil }
        guard let object = value.object, object.count <= 20 else { throw wrong(name, "an object of texts") }
        var pairs: [String: String] = [:]
        for member in object {
            guard let text = member.value.string, !text.isEmpty, text.utf8.count <= 512 else {
                throw wrong(name, "an object of texts")
            }
            pairs[member.name] = text
        }
        return pairs
    }

    mutating func object(_ name: String) throws(SettingsFault) -> JSONObject? {
        guard let value = value(name) else { return nil }
        guard let object = value.object else { throw wrong(name, "an object") }
        return object
    }

    /// Refuses what nobody has asked for.
    func finish() throws(SettingsFault) {
        for member in object where !seen.contains(member.name) { throw .unknown(prefix + member.name) }
    }
}
