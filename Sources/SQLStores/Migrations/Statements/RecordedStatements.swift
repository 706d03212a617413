import Stores

/// A statement as a program of some schema asks it.
struct RecordedStatement: Sendable {
    let text: StaticString
    /// Of each parameter, in order: `t` for text, `i` for a number, `b` for bytes, `n` for what was always null.
    let kinds: StaticString

    init(_ kinds: StaticString, _ text: StaticString) {
        (self.kinds, self.text) = (kinds, text)
    }

    /// Values of the right types that no table holds.
    var values: [SQLValue] {
        kinds.description.map { kind in
            switch kind {
            case "t": .text("~ no such value")
            case "i": .integer(1)
            case "b": .bytes([UInt8](repeating: 0xA5, count: 32))
            default: .null
            }
        }
    }
}

/// What the programs of one schema ask.
///
/// Nodes are replaced one by one, so while the newer program has migrated the database the older one still works with
/// it: what is recorded here must succeed on every newer schema that says so. The tests check that, and rehearsals do.
/// A record grows while its schema is the newest, and never changes afterwards.
struct RecordedStatements: Sendable {
    /// The number of the last step of the schema.
    let schema: Int64
    let statements: [RecordedStatement]

    init(schema: Int64, statements: [RecordedStatement]) {
        self.schema = schema
        self.statements = statements
    }

    /// What programs of the schema before asked, without what these no longer ask, and what these ask besides.
    init(
        schema: Int64, after former: RecordedStatements, without dropped: [StaticString],
        and added: [RecordedStatement]
    ) {
        let dropped = Set(dropped.map(\.description))
        precondition(
            dropped.isSubset(of: former.statements.map(\.text.description)),
            "schema \(schema) drops what none asked before")
        self.schema = schema
        statements = former.statements.filter { !dropped.contains($0.text.description) } + added
    }

    /// Every schema whose programs may still run.
    static let all: [RecordedStatements] = [.schema1, .schema2, .schema3, .schema4, .schema5, .schema6]

    static func of(schema: Int64) -> RecordedStatements? { all.first { $0.schema == schema } }
}

extension RecordedStatements {
    /// Asks everything once within the open transaction, undoes it, and answers what failed.
    func failures(on connection: some SchemaConnection) throws(StorageError) -> [Rehearsal.BrokenStatement] {
        var failures: [Rehearsal.BrokenStatement] = []
        for statement in statements {
            _ = try connection.ask("SAVEPOINT recorded", [])
            do throws(StorageError) {
                _ = try connection.ask(statement.text, statement.values)
            } catch {
                failures.append(
                    Rehearsal.BrokenStatement(schema: schema, text: statement.text.description, reason: "\(error)")
                )
            }
            _ = try connection.ask("ROLLBACK TO SAVEPOINT recorded", [])
            _ = try connection.ask("RELEASE SAVEPOINT recorded", [])
        }
        return failures
    }
}
