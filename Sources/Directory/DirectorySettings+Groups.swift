import OAuthTypes
import Stores

extension DirectorySettings {
    /// What groups there are called here, each once, a thousand at most; nil where nobody asks for them.
    ///
    /// Whose names are not set is called `ID:NAME`: nobody in a directory chooses a name that a group of ours has.
    func groups(named names: [String], of connector: ConnectorID) -> [String]? {
        guard groups != .none else { return nil }
        var seen: Set<String> = []
        let own = names.compactMap { name in groupNames.map { $0[name] } ?? "\(connector.rawValue):\(name)" }
        return Array(
            own.filter { (1...200).contains($0.unicodeScalars.count) && seen.insert($0).inserted }.prefix(1000))
    }
}
