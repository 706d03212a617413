public import OAuthTypes
public import Stores

/// Everything that a database holds on a person, secrets apart, for whoever has a right to know.
///
/// Read from the catalogue: a table that a later step of the schema adds is in it as soon as it has a column that names
/// people. The log of security events is not; whoever has the master key reads that.
public struct PersonRecords: Sendable, Equatable {
    /// A value that tells something.
    public enum Value: Sendable, Equatable {
        /// A text.
        case text(String)
        /// A count.
        case number(Int64)
        /// A moment.
        case moment(Timestamp)
        /// Yes or no.
        case flag(Bool)
    }

    /// A column with its value.
    public struct Field: Sendable, Equatable {
        /// The column.
        public let name: String
        /// The value; what is null is left out.
        public let value: Value
    }

    /// The rows of one table.
    public struct Table: Sendable, Equatable {
        /// The table.
        public let name: String
        /// Its rows about the person.
        public let rows: [[Field]]
    }

    /// The tables that have any, in the order of their names.
    public let tables: [Table]

    /// Rows of a table that are given out, far above what one person leaves.
    private static let limit = 100_000

    /// Reads what a database of this program's schema holds on an account; blocks the calling thread.
    public init(of user: User, in place: DatabaseMove.Place) throws {
        let connection = try place.reach()
        defer { connection.close() }
        try self.init(of: user, connection)
    }

    init(of user: User, _ connection: any MoveConnection) throws {
        var tables: [Table] = []
        for table in try connection.catalogue().sorted(by: { $0.name < $1.name }) {
            guard let (condition, values) = PersonRecords.owner(in: table, user) else { continue }
            let shown = table.columns.filter { PersonRecords.isTold($0) }
            guard !shown.isEmpty else { continue }
            let rows = try connection.query(
                """
                SELECT \(MovedTable.list(shown.map(\.name))) FROM \(table.quotedName)
                WHERE \(condition) ORDER BY \(table.keyList) LIMIT \(PersonRecords.limit)
                """,
                values.map(SQLValue.text))
            guard !rows.isEmpty else { continue }
            tables.append(Table(name: table.name, rows: rows.map { PersonRecords.fields(of: $0, shown) }))
        }
        self.tables = tables
    }

    /// What the rows of a table have that belong to a person, with its values; nil where none do.
    ///
    /// By the account where a row names it: its address may be one that the account had, or is to have. By the address
    /// where no account is named.
    static func owner(in table: MovedTable, _ user: User) -> (condition: String, values: [String])? {
        let (id, email) = (user.id.rawValue, user.email.rawValue)
        let names = table.columns.filter { $0.kind == .text }.map(\.name)
        switch table.name {
        case "users": return ("id = $1", [id])
        // The log is told elsewhere, and of a key there is nothing to tell.
        case "audit_events", "person_keys": return nil
        case "mails":
            let links = "SELECT id FROM proofs WHERE user_id = $2 UNION ALL SELECT id FROM recourses WHERE user_id = $2"
            return ("recipient = $1 OR proof IN (\(links))", [email, id])
        // What was said of the person in tokens that stand for it.
        case "opaque_tokens": return ("grant_id IN (SELECT id FROM grants WHERE user_id = $1)", [id])
        default: break
        }
        switch (names.contains("user_id"), names.contains("email")) {
        case (true, true): return ("user_id = $1 OR (user_id IS NULL AND email = $2)", [id, email])
        case (true, false): return ("user_id = $1", [id])
        case (false, true): return ("email = $1", [email])
        case (false, false): return names.contains("recipient") ? ("recipient = $1", [email]) : nil
        }
    }

    /// Digests, keys and whatever is sealed are bytes; a hash is a text.
    private static func isTold(_ column: MovedTable.Column) -> Bool {
        column.kind != .bytes && !["hash", "secret", "token"].contains { column.name.contains($0) }
    }

    private static func fields(of row: Row, _ columns: [MovedTable.Column]) -> [Field] {
        zip(columns, row).compactMap { column, value in
            switch value {
            case .text(let text): Field(name: column.name, value: .text(text))
            case .integer(let number) where column.name.hasSuffix("_at") || column.name.hasSuffix("_by"):
                Field(name: column.name, value: .moment(Timestamp(microseconds: number)))
            case .integer(let number) where column.name.hasPrefix("is_") || column.name.hasPrefix("survives_"):
                Field(name: column.name, value: .flag(number != 0))
            case .integer(let number): Field(name: column.name, value: .number(number))
            case .bytes, .null, .foreign: nil
            }
        }
    }
}
