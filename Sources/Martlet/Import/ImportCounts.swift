import Identity
import JSON

/// How many people came of an import, and how.
struct ImportCounts: Equatable {
    /// Rows that were looked at.
    var rows = 0
    var made = 0
    /// Made by an earlier run.
    var present = 0
    var refused = 0
    /// Of those made: without a password, which they choose by a link in a mail.
    var withoutPassword = 0
    /// Of those made: something of the row has no place here.
    var incomplete = 0
    /// Identities at connectors by which those made sign in.
    var linked = 0
    /// People with an identity for which there is no connector, made or not.
    var withoutConnector = 0

    private static var names: [(StaticString, WritableKeyPath<ImportCounts, Int>)] {
        [
            ("rows", \.rows), ("made", \.made), ("present", \.present), ("refused", \.refused),
            ("without_password", \.withoutPassword), ("incomplete", \.incomplete), ("linked", \.linked),
            ("without_connector", \.withoutConnector),
        ]
    }

    init() {}

    /// Reads what `write` writes; nil where anything is missing.
    init?(_ object: JSONObject) {
        for (name, path) in ImportCounts.names {
            guard let number = object["\(name)"]?.integer, let count = Int(exactly: number), count >= 0 else {
                return nil
            }
            self[keyPath: path] = count
        }
    }

    func write(to writer: inout JSONWriter) {
        for (name, path) in ImportCounts.names { writer.member(name, self[keyPath: path]) }
    }

    /// For the log of security events.
    var details: [String: String] {
        Dictionary(uniqueKeysWithValues: ImportCounts.names.map { ("\($0)", "\(self[keyPath: $1])") })
    }
}
