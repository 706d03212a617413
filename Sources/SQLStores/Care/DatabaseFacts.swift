import JSON
public import OAuthTypes
public import Stores

/// What can be told about a database without changing it; each driver adds what is its own.
///
/// Everything blocks the calling thread.
public protocol DatabaseFacts {
    /// Whether there is a database that answers; otherwise the rest is skipped.
    var isReachable: Bool { get }

    /// What to look at, in the order in which it is told.
    var checks: [Check] { get }

    /// The signing keys, sealed as they are stored; none where the schema has no table for them yet.
    func signingKeys() throws(StorageError) -> [SigningKeyRecord]

    /// How many values of each sealed column begin alike, by their first `headCount` bytes.
    func sealedCounts(headCount: Int) throws(StorageError) -> [SealedCount]

    /// Whether a client is registered.
    func hasClient(_ id: ClientID) throws(StorageError) -> Bool

    /// Whether a person has an account that is not disabled.
    func hasActiveUser(_ email: Email) throws(StorageError) -> Bool

    /// The clients for which rules are off, in the order of their identifiers, each with these rules.
    func clientExceptions() throws(StorageError) -> [(id: ClientID, rules: [Compatibility])]
}

/// How thoroughly to look at the content.
public enum CareDepth: Sendable {
    /// The structure of every page.
    case quick
    /// That and every entry of every index against its table: takes several times as long.
    case deep
}

/// A connection that only reads, in either dialect.
protocol DatabaseReading {
    /// Runs one statement that changes nothing.
    func rows(_ text: String, _ values: [SQLValue]) throws(StorageError) -> [Row]

    /// Whether the database has that table.
    func hasTable(_ name: String) throws(StorageError) -> Bool
}

extension DatabaseReading {
    func rows(_ text: String) throws(StorageError) -> [Row] { try rows(text, []) }

    /// The first column of the first row, where that is a number.
    func number(_ text: String, _ values: [SQLValue] = []) throws(StorageError) -> Int64? {
        guard case .integer(let number)? = try rows(text, values).first?.first(where: { _ in true }) else { return nil }
        return number
    }

    /// The first column of every row, where that is text.
    func texts(_ text: String, _ values: [SQLValue] = []) throws(StorageError) -> [String] {
        try rows(text, values).compactMap { row in
            guard case .text(let text)? = row.first(where: { _ in true }) else { return nil }
            return text
        }
    }

    func signingKeys() throws(StorageError) -> [SigningKeyRecord] {
        guard try hasTable("signing_keys") else { return [] }
        var keys: [SigningKeyRecord] = []
        let query =
            "SELECT id, algorithm, sealed, state, created_at, changed_at FROM signing_keys ORDER BY created_at, id"
        for row in try rows(query) { keys.append(try SigningKeyRecord(row: row)) }
        return keys
    }

    func hasClient(_ id: ClientID) throws(StorageError) -> Bool {
        guard try hasTable("clients") else { return false }
        return try !rows("SELECT 1 FROM clients WHERE id = $1", [.id(id)]).isEmpty
    }

    func clientExceptions() throws(StorageError) -> [(id: ClientID, rules: [Compatibility])] {
        guard try hasTable("clients") else { return [] }
        let query = "SELECT id, metadata FROM clients WHERE metadata LIKE '%martlet_compatibility%' ORDER BY id"
        var exceptions: [(id: ClientID, rules: [Compatibility])] = []
        for row in try rows(query) {
            let texts = row.compactMap { (value) -> String? in
                guard case .text(let text) = value else { return nil }
                return text
            }
            guard texts.count == 2, let id = ClientID(texts[0]),
                let object = try? JSONObject(parsing: texts[1].utf8.span),
                let metadata = try? ClientMetadata(object)
            else { continue }
            let rules = Compatibility.allCases.filter(metadata.allows)
            if !rules.isEmpty { exceptions.append((id, rules)) }
        }
        return exceptions
    }

    func hasActiveUser(_ email: Email) throws(StorageError) -> Bool {
        guard try hasTable("users") else { return false }
        let query = "SELECT 1 FROM users WHERE email = $1 AND disabled_at IS NULL"
        return try !rows(query, [.text(email.rawValue)]).isEmpty
    }
}
