import Stores

/// What changes in a table of the source while it is copied: triggers note the key of every row that is written.
///
/// A key is noted, not a row: whoever reads the list copies the row as it is by then, so that reading twice does no harm.
/// The names are the same in every move: they come and go with the mark of the source, in one transaction each, so that
/// none can be another move's.
struct ChangeLog {
    let table: MovedTable
    let dialect: SQLDialect
    /// What names of the schema begin with.
    let home: String

    static func name(of table: MovedTable) -> String {
        MovedTable.quoted(MoveMark.prefix + "changes_" + table.name)
    }

    private var name: String { home + ChangeLog.name(of: table) }
    private var tableName: String { home + table.quotedName }
    private func trigger(_ word: String) -> String { MovedTable.quoted("\(MoveMark.prefix)\(word)_\(table.name)") }
    private var function: String { home + trigger("note") }

    /// What makes the list and its triggers.
    var install: [String] {
        let types = table.keys.map { "\(MovedTable.quoted($0.name)) \($0.kind.type(in: dialect)) NOT NULL" }
        let columns = types.joined(separator: ", ")
        switch dialect {
        case .sqlite:
            // A trigger's own statements cannot name the schema; they are of its schema anyway.
            let insert = insert(into: ChangeLog.name(of: table))
            return [
                "CREATE TABLE \(name) (number INTEGER PRIMARY KEY AUTOINCREMENT, \(columns))",
                create("note_insert", "AFTER INSERT", "BEGIN \(insert)\(new); END"),
                create("note_update", "AFTER UPDATE", "BEGIN \(insert)\(old); \(insert)\(new) \(isRenamed); END"),
                create("note_delete", "AFTER DELETE", "BEGIN \(insert)\(old); END"),
            ]
        case .postgreSQL:
            return [
                "CREATE TABLE \(name) (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \(columns))",
                noteFunction,
                "REVOKE ALL ON FUNCTION \(function)() FROM PUBLIC",
                create("note", "AFTER INSERT OR UPDATE OR DELETE", "FOR EACH ROW EXECUTE FUNCTION \(function)()"),
            ]
        }
    }

    /// With its owner's rights: other roles than the server's may write the table, and know nothing of the list.
    private var noteFunction: String {
        let insert = insert(into: name)
        return """
            CREATE FUNCTION \(function)() RETURNS trigger LANGUAGE plpgsql
            SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
                BEGIN
                    IF TG_OP <> 'INSERT' THEN \(insert)\(old); END IF;
                    IF TG_OP = 'INSERT' THEN
                        \(insert)\(new);
                    ELSIF TG_OP = 'UPDATE' THEN
                        \(insert)\(new) \(isRenamed);
                    END IF;
                    RETURN NULL;
                END
            $$
            """
    }

    var remove: [String] {
        switch dialect {
        case .sqlite:
            ["insert", "update", "delete"].map { "DROP TRIGGER IF EXISTS \(trigger("note_" + $0))" }
                + ["DROP TABLE IF EXISTS \(name)"]
        case .postgreSQL:
            [
                "DROP TRIGGER IF EXISTS \(trigger("note")) ON \(tableName)", "DROP FUNCTION IF EXISTS \(function)()",
                "DROP TABLE IF EXISTS \(name)",
            ]
        }
    }

    private var old: String { list("OLD.") }
    private var new: String { list("NEW.") }
    private var isRenamed: String { "WHERE (\(new)) <> (\(old))" }
    private func insert(into log: String) -> String { "INSERT INTO \(log) (\(table.keyList)) SELECT " }
    private func list(_ prefix: String) -> String { MovedTable.list(table.keys.map(\.name), prefix: prefix) }

    private func create(_ word: String, _ event: String, _ body: String) -> String {
        "CREATE TRIGGER \(trigger(word)) \(event) ON \(tableName) \(body)"
    }
}

extension MovedTable.Kind {
    func type(in dialect: SQLDialect) -> String {
        switch (self, dialect) {
        case (.integer, .sqlite): "INTEGER"
        case (.integer, .postgreSQL): "bigint"
        case (.text, .sqlite): "TEXT"
        case (.text, .postgreSQL): "text COLLATE \"C\""
        case (.bytes, .sqlite): "BLOB"
        case (.bytes, .postgreSQL): "bytea"
        }
    }
}
