import Stores

/// A table as both ends of a move have it, read from the catalogue: what a later step of the schema adds moves too.
struct MovedTable: Sendable, Equatable {
    enum Kind: String, Sendable {
        case integer, text, bytes
    }

    struct Column: Sendable, Equatable {
        let name: String
        let kind: Kind
    }

    let name: String
    /// The primary key first, then the rest by their names.
    let columns: [Column]
    let keyCount: Int
    /// Columns that are unique together besides the primary key.
    let uniques: [[String]]

    /// The schema's own list, and what a move makes, stay where they are.
    static func isMoved(_ name: String) -> Bool {
        name != "schema_migrations" && !name.hasPrefix(MoveMark.prefix) && !name.hasPrefix("sqlite_")
    }

    init(_ name: String, keys: [Column], rest: [Column], uniques: [[String]]) {
        self.name = name
        columns = keys + rest.sorted { $0.name < $1.name }
        keyCount = keys.count
        self.uniques = uniques.sorted { $0.lexicographicallyPrecedes($1) }
    }

    var keys: [Column] { Array(columns.prefix(keyCount)) }

    /// The key of one of its rows.
    func key(of row: Row) -> Row { Row(Array(row.prefix(keyCount))) }

    /// A key for people.
    static func shown(_ key: Row) -> String {
        key.map { value in
            switch value {
            case .text(let text): text
            case .integer(let number): "\(number)"
            case .bytes(let bytes): bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            case .null, .foreign: "?"
            }
        }.joined(separator: ", ")
    }

    // MARK: Statements, the same in both dialects

    static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    static func list(_ columns: some Sequence<String>, prefix: String = "") -> String {
        columns.map { prefix + quoted($0) }.joined(separator: ", ")
    }

    private static func marks(_ count: Int, from first: Int = 0) -> String {
        "(" + (1...max(1, count)).map { "$\(first + $0)" }.joined(separator: ", ") + ")"
    }

    /// Several lists of as many marks.
    static func marks(_ rows: Int, of count: Int) -> String {
        "VALUES " + (0..<rows).map { marks(count, from: $0 * count) }.joined(separator: ", ")
    }

    var quotedName: String { MovedTable.quoted(name) }
    var keyList: String { MovedTable.list(keys.map(\.name)) }
    var columnList: String { MovedTable.list(columns.map(\.name)) }

    /// Rows in the order of their keys, from the first or behind a key.
    func page(isFirst: Bool, limit: Int) -> String {
        let after = isFirst ? "" : " WHERE (\(keyList)) > \(MovedTable.marks(keyCount))"
        return "SELECT \(columnList) FROM \(quotedName)\(after) ORDER BY \(keyList) LIMIT \(limit)"
    }

    /// The last key.
    var last: String {
        let order = keys.map { MovedTable.quoted($0.name) + " DESC" }.joined(separator: ", ")
        return "SELECT \(keyList) FROM \(quotedName) ORDER BY \(order) LIMIT 1"
    }

    func find(_ rows: Int) -> String {
        "SELECT \(columnList) FROM \(quotedName) WHERE (\(keyList)) IN (\(MovedTable.marks(rows, of: keyCount)))"
    }

    func delete(_ rows: Int, by names: [String]) -> String {
        "DELETE FROM \(quotedName) WHERE (\(MovedTable.list(names))) IN (\(MovedTable.marks(rows, of: names.count)))"
    }

    /// Adds rows or overwrites what has their keys.
    func upsert(_ rows: Int) -> String {
        let rest = columns.dropFirst(keyCount).map { column in
            let name = MovedTable.quoted(column.name)
            return "\(name) = excluded.\(name)"
        }
        let action = rest.isEmpty ? "NOTHING" : "UPDATE SET " + rest.joined(separator: ", ")
        return "INSERT INTO \(quotedName) (\(columnList)) \(MovedTable.marks(rows, of: columns.count)) "
            + "ON CONFLICT (\(keyList)) DO \(action)"
    }
}
