import Foundation
import Stores
import Testing

@testable import SQLStores

@Suite("Sealed values are replaced while others use the database")
struct SealedValuesTests {
    /// The values of signing keys are bound to nothing; those of accounts, where a name stands for one, to their key.
    private static let bound = SealedColumn("sessions", "digest", purpose: "test", boundTo: "user_id")
    private static let keys = SealedColumn.all[0]

    private func withKeys(
        _ dialect: SQLDialect, _ count: Int, batch: Int = 10, _ body: (MovedDatabase, SealedValues) throws -> Void
    ) throws {
        let database = try MovedDatabase(dialect)
        defer { database.remove() }
        try database.make()
        let connection = try database.connection()
        defer { connection.close() }
        for number in 0..<count {
            try connection.query(
                """
                INSERT INTO signing_keys (id, algorithm, sealed, state, created_at, changed_at)
                VALUES ($1, 'ES256', $2, 'retiring', 1, 1)
                """,
                [.text("k\(number)"), .bytes([1, UInt8(number % 3), UInt8(truncatingIfNeeded: number)])])
        }
        try body(database, try SealedValues(database.place, batch: batch))
    }

    private func values(_ database: MovedDatabase) throws -> [String: [UInt8]] {
        var values: [String: [UInt8]] = [:]
        for row in try database.run("SELECT id, sealed FROM signing_keys") {
            var reader = RowReader(row, of: "signing_keys")
            let id = try reader.text("id")
            values[id] = try reader.bytes("sealed")
        }
        return values
    }

    @Test(arguments: MovePair.all.map(\.source))
    func everyValueIsGivenOnceAndReplaced(_ dialect: SQLDialect) throws {
        for count in [0, 1, 9, 10, 11, 35] {
            try withKeys(dialect, count) { database, values in
                let before = try self.values(database)
                var given: [[UInt8]] = []
                let outcome = try values.replace(in: Self.keys) { value in
                    #expect(value.binding == [])
                    given.append(value.sealed)
                    return value.sealed[1] == 0 ? nil : value.sealed + [9]
                }
                let changed = before.values.count { $0[1] != 0 }
                #expect(outcome == .init(seen: count, replaced: changed, overtaken: 0))
                #expect(Set(given) == Set(before.values) && given.count == count)
                #expect(try self.values(database) == before.mapValues { $0[1] == 0 ? $0 : $0 + [9] })
            }
        }
    }

    @Test(arguments: MovePair.all.map(\.source))
    func whatSomebodyElseChangedMeanwhileStays(_ dialect: SQLDialect) throws {
        try withKeys(dialect, 3) { database, values in
            let outcome = try values.replace(in: Self.keys) { value in
                if value.sealed[2] == 1 { try database.run("DELETE FROM signing_keys WHERE id = 'k1'") }
                if value.sealed[2] == 2 {
                    try database.run(
                        "UPDATE signing_keys SET sealed = (SELECT sealed FROM signing_keys WHERE id = 'k0') WHERE id = 'k2'"
                    )
                }
                return [7]
            }
            #expect(outcome == .init(seen: 3, replaced: 1, overtaken: 2))
            #expect(try self.values(database) == ["k0": [7], "k2": [1, 0, 0]])
        }
    }

    @Test(arguments: MovePair.all.map(\.source))
    func anInterruptionLeavesEachValueWhole(_ dialect: SQLDialect) throws {
        struct Stop: Error {}
        try withKeys(dialect, 35) { database, values in
            let before = try self.values(database)
            #expect(throws: Stop.self) {
                try values.replace(in: Self.keys, progress: { if $0.seen == 20 { throw Stop() } }) { $0.sealed + [9] }
            }
            let between = try self.values(database)
            #expect(between.values.count { $0.count == 4 } == 20)
            #expect(between.allSatisfy { key, value in value == before[key] || value == before[key].map { $0 + [9] } })
            let outcome = try values.replace(in: Self.keys) { $0.sealed.count == 4 ? nil : $0.sealed + [9] }
            #expect(outcome == .init(seen: 35, replaced: 15, overtaken: 0))
        }
    }

    @Test(arguments: MovePair.all.map(\.source))
    func aValueComesWithWhatItIsBoundTo(_ dialect: SQLDialect) throws {
        let database = try MovedDatabase(dialect)
        defer { database.remove() }
        try database.fill(1)
        let values = try SealedValues(database.place)
        let outcome = try values.replace(in: Self.bound) { value in
            #expect(value.binding == Array("u1".utf8))
            return value.sealed + [5]
        }
        #expect(outcome == .init(seen: 1, replaced: 1, overtaken: 0))
        let rows = try database.run("SELECT digest FROM sessions")
        #expect(rows == [Row([.bytes([0, 255, 0, 5])])])
    }

    @Test(arguments: MovePair.all.map(\.source))
    func aDatabaseOfAnotherSchemaIsRefused(_ dialect: SQLDialect) throws {
        let database = try MovedDatabase(dialect)
        defer { database.remove() }
        try database.make(Schema.until(1))
        #expect(throws: StorageError.self) { try SealedValues(database.place) }
        try database.make()
        _ = try SealedValues(database.place)
    }

    @Test(arguments: MovePair.all.map(\.source))
    func valuesAreCountedByTheirHeads(_ dialect: SQLDialect) throws {
        try withKeys(dialect, 7) { database, _ in
            let counts = [[1, 0] as [UInt8]: 3, [1, 1]: 2, [1, 2]: 2].map {
                SealedCount(table: "signing_keys", head: $0, count: $1)
            }
            let found: [SealedCount] =
                switch database.place {
                case .sqlite(let path): try SQLiteFacts(path, depth: .quick).sealedCounts(headCount: 2)
                case .postgreSQL(let settings):
                    try PostgreSQLReading(settings).sealedCounts(headCount: 2)
                }
            #expect(found == counts.sorted { $0.head[1] < $1.head[1] })
        }
    }

    @Test func everySealedColumnIsInTheSchemaWithItsBinding() throws {
        let database = try MovedDatabase(.sqlite)
        defer { database.remove() }
        try database.make()
        let connection = try database.connection()
        defer { connection.close() }
        let catalogue = try connection.catalogue()
        for column in SealedColumn.all {
            let table = try #require(catalogue.first { $0.name == column.table }, "\(column.table)")
            #expect(table.columns.contains { $0.name == column.column && $0.kind == .bytes })
            if let binding = column.binding { #expect(table.columns.contains { $0.name == binding }) }
        }
        #expect(Set(SealedColumn.all).count == SealedColumn.all.count)
        // A column of that name is sealed by the habit of the schema, and so belongs to the list.
        for table in catalogue {
            for column in table.columns where column.name.contains("sealed") {
                #expect(
                    SealedColumn.all.contains { $0.table == table.name && $0.column == column.name }, "\(table.name)")
            }
        }
    }
}
