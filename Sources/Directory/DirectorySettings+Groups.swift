public import OAuthTypes
public import Stores

extension DirectorySettings {
    /// What groups there are called here, each once, a thousand at most; nil where nobody asks for them.
    ///
    /// Whose names are not set is called `ID:NAME`: nobody in a directory chooses a name that a group of ours has. Groups of
    /// one common name in different places are different groups: only directly below `group_base` that name is enough, and
    /// everywhere else a group has its whole name.
    public func groups(named names: [String], of connector: ConnectorID) -> [String]? {
        guard groups != .none else { return nil }
        var seen: Set<String> = []
        let own = names.compactMap { name in
            let (word, whole) = words(for: name)
            guard let groupNames else { return "\(connector.rawValue):\(word)" }
            return whole.flatMap { groupNames[$0] } ?? groupNames[word]
        }
        return Array(
            own.filter { (1...200).contains($0.unicodeScalars.count) && seen.insert($0).inserted }.prefix(1000))
    }

    /// What a group is called there, and its whole name as `group_names` has it; nil where it has none.
    private func words(for name: String) -> (word: String, whole: String?) {
        guard let parts = NameParts(DistinguishedName(name)) else { return (name, nil) }
        // What looks like a whole name could be another group's.
        if let base = groupBase.flatMap(NameParts.init), let word = parts.commonName(directlyBelow: base),
            !word.contains("=")
        {
            return (word, parts.folded)
        }
        return (parts.text, parts.folded)
    }
}
