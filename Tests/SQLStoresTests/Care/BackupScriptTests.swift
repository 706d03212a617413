import Foundation
import Testing

@testable import SQLStores

@Suite("deploy/backup/postgresql.sh")
struct BackupScriptTests {
    /// The script lives apart from the schema: a table that a step adds has to be named there as well.
    @Test func namesEveryTableOfTheSchema() throws {
        let script = try String(
            contentsOf: StatementLiterals.sources.deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("deploy/backup/postgresql.sh"), encoding: .utf8)
        var named: Set<String> = []
        for match in script.matches(of: /(?m)^TABLES(?:_OF_STEP_(\d+))?="([^"]*)"/) {
            named.formUnion(match.2.split(whereSeparator: \.isWhitespace).map(String.init))
            guard let step = match.1 else { continue }
            #expect(script.contains("-lt \(step) ] || echo \"$TABLES_OF_STEP_\(step)\""), "step \(step)")
        }
        let database = try TemporaryConnection()
        defer { database.end() }
        let tables = try database.connection.catalogue().map(\.name)
        #expect(named == Set(tables + ["schema_migrations"]))
    }
}
