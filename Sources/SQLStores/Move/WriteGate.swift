import Stores

/// What every write of the source passes: open while it is in use, shut from the cut-over on.
///
/// In PostgreSQL the triggers are there from the beginning, and their one function is replaced: that waits for nobody, so
/// that neither a dump nor an autovacuum keeps writes refused. It holds for every statement from then on, also for those
/// of a transaction that sees an older state; what a query of a table would not.
struct WriteGate {
    let dialect: SQLDialect
    /// What names of the schema begin with.
    let home: String

    private static let words = "the records move to another database, and this one takes no writes"
    private static let kinds = ["insert", "update", "delete"]
    private var function: String { home + MoveMark.prefix + "gate" }

    private func trigger(_ word: String, _ table: MovedTable) -> String {
        MovedTable.quoted("\(MoveMark.prefix)gate_\(word)_\(table.name)")
    }

    func install(for tables: [MovedTable]) -> [String] {
        switch dialect {
        case .sqlite: []
        case .postgreSQL:
            open(for: tables)
                + tables.map { table in
                    """
                    CREATE TRIGGER \(trigger("write", table)) BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE
                    ON \(home)\(table.quotedName) FOR EACH STATEMENT EXECUTE FUNCTION \(function)()
                    """
                }
        }
    }

    /// From here on every write fails, and the server answers 503.
    ///
    /// Those under way have to be waited for before.
    func shut(for tables: [MovedTable]) -> [String] {
        switch dialect {
        case .sqlite:
            tables.flatMap { table in
                WriteGate.kinds.map { kind in
                    """
                    CREATE TRIGGER \(trigger(kind, table)) BEFORE \(kind) ON \(table.quotedName)
                    BEGIN SELECT RAISE(ABORT, '\(WriteGate.words)'); END
                    """
                }
            }
        case .postgreSQL: [replace("RAISE EXCEPTION '\(WriteGate.words)'")]
        }
    }

    func open(for tables: [MovedTable]) -> [String] {
        switch dialect {
        case .sqlite: tables.flatMap(remove(from:))
        case .postgreSQL: [replace("RETURN NULL")]
        }
    }

    func remove(from table: MovedTable) -> [String] {
        switch dialect {
        case .sqlite: WriteGate.kinds.map { "DROP TRIGGER IF EXISTS \(trigger($0, table))" }
        case .postgreSQL: ["DROP TRIGGER IF EXISTS \(trigger("write", table)) ON \(home)\(table.quotedName)"]
        }
    }

    /// What is left when it is removed from every table.
    var removeRest: [String] { dialect == .sqlite ? [] : ["DROP FUNCTION IF EXISTS \(function)()"] }

    private func replace(_ body: String) -> String {
        """
        CREATE OR REPLACE FUNCTION \(function)() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
        AS $$ BEGIN \(body); END $$
        """
    }
}
