import Foundation
import MartletTesting
import Testing

@testable import SQLStores

@Suite("What the program asks is recorded for the schemas to come")
struct StatementRecordTests {
    /// Set to a number, the record of that schema is written anew from what the program asks now.
    static let variable = "MARTLET_RECORD_STATEMENTS"

    @Test func theRecordOfTheNewestSchemaIsWhatTheProgramAsks() async throws {
        let log = try await StatementLog.ofThisProgram()
        if let number = ProcessInfo.processInfo.environment[StatementRecordTests.variable].flatMap(Int64.init) {
            try StatementRecordTests.write(log, schema: number)
            return
        }
        let record = try #require(RecordedStatements.of(schema: Schema.current.number))
        let current = Set(log.statements.map { "\($0.kinds) \($0.text)" })
        let recorded = Set(record.statements.map { "\($0.kinds) \($0.text)" })
        let missing = current.subtracting(recorded).sorted()
        #expect(
            missing.isEmpty,
            """
            The program asks what the record of schema \(record.schema) does not have. Record it anew:
                \(StatementRecordTests.variable)=\(record.schema) swift test --filter StatementRecordTests
            What a released program of this schema asked stays in the record, so give the schema a step first if that \
            must change.
            """
        )
        #expect(
            recorded.subtracting(current).isEmpty,
            """
            The record of schema \(record.schema) has what this program no longer asks. If no program that asked it \
            was released, remove it from the record; if one was, add a step to the schema, even an empty one: its \
            record is this program's.
            """
        )
    }

    @Test func everyStatementInTheSourcesWasAsked() async throws {
        let asked = Set(try await StatementLog.ofThisProgram().statements.map(\.text))
        let unasked = try StatementLiterals.inTables().subtracting(asked)
        #expect(unasked.isEmpty, "no law makes a store ask these, so nothing tests them")
    }

    @Test func literalsAreFoundInEveryForm() {
        let source = #"""
            database.read("SELECT 1 FROM a", [])
            Command(
                """
                UPDATE b SET c = 1
                    WHERE d = $1
                """, ["no", "DELETE FROM e"])
            Command("INSERT INTO f VALUES ($1)", [.text("SELECTED")])
            """#
        let found = StatementLiterals.literals(in: source)
        #expect(
            found == ["SELECT 1 FROM a", "UPDATE b SET c = 1\n    WHERE d = $1", "INSERT INTO f VALUES ($1)"]
        )
    }

    @Test func everySchemaThatMayStillRunHasItsRecord() {
        let steps = Schema.current.scripts
        let living = steps.map(\.number).filter { schema in
            steps.allSatisfy { $0.number <= schema || $0.compatibleFrom <= schema }
        }
        #expect(RecordedStatements.all.map(\.schema) == living)
        for record in RecordedStatements.all {
            #expect(!record.statements.isEmpty, "schema \(record.schema)")
            #expect(Set(record.statements.map(\.text.description)).count == record.statements.count)
        }
    }

    @Test func aRecordIsTheOneBeforeItWithoutWhatWasDroppedAndWithWhatCame() {
        let first = RecordedStatements(
            schema: 1, statements: [RecordedStatement("t", "SELECT 1"), RecordedStatement("i", "SELECT 2")])
        let second = RecordedStatements(
            schema: 2, after: first, without: ["SELECT 1"], and: [RecordedStatement("b", "SELECT 3")])
        #expect(second.statements.map(\.text.description) == ["SELECT 2", "SELECT 3"])
        #expect(second.statements.map(\.kinds.description) == ["i", "b"])
        #expect(second.schema == 2)
    }

    /// Writes a record as what it changes in the one before.
    private static func write(_ log: StatementLog, schema: Int64) throws {
        let former = try #require(RecordedStatements.of(schema: schema - 1)).statements
        let before = Set(former.map { "\($0.kinds) \($0.text)" })
        let now = Set(log.statements.map { "\($0.kinds) \($0.text)" })
        var source = """
            extension RecordedStatements {
                static let schema\(schema) = RecordedStatements(
                    schema: \(schema), after: .schema\(schema - 1),
                    without: [

            """
        for statement in former where !now.contains("\(statement.kinds) \(statement.text)") {
            source += literal(statement.text.description, indented: 12) + ",\n"
        }
        source += """
                    ],
                    and: [

            """
        for (text, kinds) in log.statements where !before.contains("\(kinds) \(text)") {
            source += """
                            RecordedStatement(
                                "\(kinds)",
                \(literal(text, indented: 16))
                            ),

                """
        }
        source += """
                    ]
                )
            }

            """
        let file = StatementLiterals.sources.appendingPathComponent(
            "Migrations/Statements/Schema\(schema)Statements.swift"
        )
        try Data(source.utf8).write(to: file)
    }

    private static func literal(_ text: String, indented columns: Int) -> String {
        let lines = ["\"\"\""] + text.components(separatedBy: "\n") + ["\"\"\""]
        return lines.map { String(repeating: " ", count: columns) + $0 }.joined(separator: "\n")
    }
}
