import Stores

/// What changes in a table of the source while it is copied: triggers note the key of every row that is written.
///
/// A key is noted, not a row: whoever reads the list copies the row as it is by then, so that reading twice does no harm.
struct ChangeLog {
    let table: MovedTable

    private var plain: String { MoveMark.prefix + "changes_" + table.name }
    var name: String { MovedTable.quoted(plain) }
    private func trigger(_ word: String) -> String { MovedTable.quoted("\(MoveMark.prefix)\(word)_\(table.name)") }

    /// What makes the list and its triggers.
    func install(in dialect: SQLDialect) -> [String] {
        let (insert, old, new) = (
            "INSERT INTO \(name) (\(table.keyList)) SELECT ", list("OLD."), list("NEW.")
        )
        let types = table.keys.map { "\(MovedTable.quoted($0.name)) \($0.kind.type(in: dialect)) NOT NULL" }
        let columns = types.joined(separator: ", ")
        switch dialect {
        case .sqlite:
            let isRenamed = "WHERE (\(new)) <> (\(old))"
            return [
                "CREATE TABLE \(name) (number INTEGER PRIMARY KEY AUTOINCREMENT, \(columns))",
                create("note_insert", "AFTER INSERT", "BEGIN \(insert)\(new); END"),
                create("note_update", "AFTER UPDATE", "BEGIN \(insert)\(old); \(insert)\(new) \(isRenamed); END"),
                create("note_delete", "AFTER DELETE", "BEGIN \(insert)\(old); END"),
            ]
        case .postgreSQL:
            return [
                "CREATE TABLE \(name) (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \(columns))",
                """
                CREATE FUNCTION \(trigger("note"))() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
                    BEGIN
                        IF TG_OP <> 'INSERT' THEN \(insert)\(old); END IF;
                        IF TG_OP = 'INSERT' THEN
                            \(insert)\(new);
                        ELSIF TG_OP = 'UPDATE' THEN
                            \(insert)\(new) WHERE (\(new)) <> (\(old));
                        END IF;
                        RETURN NULL;
                    END
                $$
                """,
                create(
                    "note", "AFTER INSERT OR UPDATE OR DELETE", "FOR EACH ROW EXECUTE FUNCTION \(trigger("note"))()"),
            ]
        }
    }

    /// What makes every write of the table fail; the server answers 503 then.
    func freeze(in dialect: SQLDialect) -> [String] {
        switch dialect {
        case .sqlite:
            return ["INSERT", "UPDATE", "DELETE"].map { kind in
                create("freeze_" + kind.lowercased(), "BEFORE \(kind)", "BEGIN SELECT RAISE(ABORT, '\(words)'); END")
            }
        case .postgreSQL:
            return [
                """
                CREATE FUNCTION \(trigger("freeze"))() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN RAISE EXCEPTION '\(words)'; END
                $$
                """,
                create(
                    "freeze", "BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE",
                    "FOR EACH STATEMENT EXECUTE FUNCTION \(trigger("freeze"))()"),
            ]
        }
    }

    private var words: String { "the records move to another database, and this one takes no writes" }

    func unfreeze(in dialect: SQLDialect) -> [String] {
        switch dialect {
        case .sqlite: ["insert", "update", "delete"].map { "DROP TRIGGER IF EXISTS \(trigger("freeze_" + $0))" }
        case .postgreSQL: ["DROP FUNCTION IF EXISTS \(trigger("freeze"))() CASCADE"]
        }
    }

    func remove(in dialect: SQLDialect) -> [String] {
        let triggers =
            switch dialect {
            case .sqlite: ["insert", "update", "delete"].map { "DROP TRIGGER IF EXISTS \(trigger("note_" + $0))" }
            case .postgreSQL: ["DROP FUNCTION IF EXISTS \(trigger("note"))() CASCADE"]
            }
        return triggers + ["DROP TABLE IF EXISTS \(name)"]
    }

    private func create(_ word: String, _ event: String, _ body: String) -> String {
        "CREATE TRIGGER \(trigger(word)) \(event) ON \(table.quotedName) \(body)"
    }

    private func list(_ prefix: String) -> String { MovedTable.list(table.keys.map(\.name), prefix: prefix) }
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
