import MartletTesting
import Stores
import Testing

@testable import SQLStores

@Suite("Records move to another database while they change")
struct DatabaseMoveTests {
    struct Interruption: Error {}

    private func move(
        _ source: MovedDatabase, _ target: MovedDatabase, _ goal: DatabaseMove.Goal = .cutOver,
        while progress: (DatabaseMove.Progress) throws -> Void = { _ in }
    ) throws -> DatabaseMove.Report {
        var failure: (any Error)?
        let report = try DatabaseMove.run(from: source.place, to: target.place, until: goal, pageSize: 500) { step in
            do { try progress(step) } catch { failure = error }
        }
        if let failure { throw failure }
        return report
    }

    @Test(arguments: MovePair.all)
    func everyRowArrivesAndTheSourceTakesNoMoreWrites(_ pair: MovePair) throws {
        try withMove(pair) { source, target in
            let before = try source.contents()
            let report = try move(source, target)
            #expect(report.isMoved && report.refused != nil)
            #expect(report.tables.first { $0.name == "grants" }?.rows == 1200)
            #expect(try target.contents() == before)
            #expect(try target.marks() == 0)
            for write in [
                "UPDATE grants SET generation = 1 WHERE id = 'g1'", "DELETE FROM users WHERE id = 'u1'",
                "INSERT INTO versions (name, value) VALUES ('a', 1)",
            ] {
                #expect(throws: StorageError.self, "\(write)") { try source.run(write) }
                try target.run(write)
            }
            #expect(try source.contents() == before)
            let refusal = #expect(throws: StorageError.self) { try source.open() }
            #expect(refusal?.description.contains("were moved to \(target.place)") == true)
            try target.open()
            #expect(try move(source, target).isMoved, "again")
        }
    }

    @Test(arguments: MovePair.all)
    func changesDuringTheCopyFollow(_ pair: MovePair) throws {
        try withMove(pair) { source, target in
            var steps = 0
            let report = try move(source, target) { step in
                guard step != .refusingWrites else { return }
                steps += 1
                // Behind and before what is copied: changed, deleted, added, and an address that passes to another account.
                try source.run(
                    "UPDATE grants SET generation = \(steps), request = NULL WHERE id IN ('g1', 'g999', 'g2\(steps)')",
                    "DELETE FROM grants WHERE id IN ('g3\(steps)', 'g77\(steps)')",
                    "DELETE FROM users WHERE id = 'u\(steps)'",
                    "INSERT INTO users (id, email, is_email_verified, name, created_at, updated_at) "
                        + "VALUES ('z\(steps)', '\(steps)@example.com', 0, '', 1, 1)",
                    "UPDATE users SET email = 'x' WHERE id = 'u100'",
                    "UPDATE users SET email = '100@example.com' WHERE id = 'u101'",
                    "UPDATE users SET email = '101@example.com' WHERE id = 'u100'",
                    "UPDATE users SET email = 'y' WHERE id = 'u101'",
                    "UPDATE users SET email = '100@example.com' WHERE id = 'u100'",
                    "UPDATE users SET email = '101@example.com' WHERE id = 'u101'",
                    "UPDATE consents SET scope = 'other\(steps)' WHERE given_at = 1",
                    "UPDATE versions SET value = value + 1"
                )
            }
            #expect(steps > 5 && report.changes >= steps * 10)
            #expect(try target.contents() == source.contents())
        }
    }

    @Test(arguments: MovePair.all)
    func withoutACutOverTheSourceGoesOn(_ pair: MovePair) throws {
        try withMove(pair) { source, target in
            let report = try move(source, target, .copy)
            #expect(!report.isMoved && report.refused == nil)
            try source.open()
            let refusal = #expect(throws: StorageError.self) { try target.open() }
            #expect(refusal?.description.contains("being filled from \(source.place)") == true)
            try source.run("DELETE FROM grants WHERE id = 'g5'", "UPDATE users SET name = 'Grace' WHERE id = 'u6'")
            #expect(try move(source, target, .copy).changes == 2)
            try source.run("DELETE FROM grants WHERE id = 'g6'")
            #expect(try move(source, target).isMoved)
            #expect(try target.contents() == source.contents())
        }
    }

    @Test(arguments: MovePair.all)
    func anInterruptedCopyGoesOnWhereItStopped(_ pair: MovePair) throws {
        try withMove(pair) { source, target in
            // As after a kill: the first page of grants is there, and all else is missing.
            try target.make()
            let (from, to) = (try source.place.openSource(), try target.place.openTarget())
            let mark = MoveMark(id: "m", place: "\(target.place)", phase: .copying)
            let tables = try to.catalogue()
            try MoveSource(connection: from, tables: tables).begin(mark)
            try to.query("DELETE FROM versions")
            try to.query("CREATE TABLE \(MoveMark.copied) (name text NOT NULL PRIMARY KEY)")
            try to.write(MoveMark(id: "m", place: "\(source.place)", phase: .copying), MoveMark.inTarget)
            let grants = try #require(tables.first { $0.name == "grants" })
            try RowTransfer(target: to).put(from.query(grants.page(isFirst: true, limit: 1000)), into: grants)
            from.close()
            to.close()
            try source.run("DELETE FROM grants WHERE id = 'g1'")
            var copied: [Int64] = []
            let report = try move(source, target) { step in
                if case .copying("grants", let rows, _) = step { copied.append(rows) }
            }
            #expect(copied.first == 1200 && report.isMoved)
            #expect(try target.contents() == source.contents())
        }
    }

    @Test(arguments: MovePair.all)
    func aRowThatIsNotTheSameStopsTheCutOver(_ pair: MovePair) throws {
        try withMove(pair) { source, target in
            _ = try move(source, target, .copy)
            try target.run("UPDATE grants SET scopes = 'admin' WHERE id = 'g7'", "DELETE FROM users WHERE id = 'u8'")
            let refusal = #expect(throws: DatabaseMove.Refusal.self) { try move(source, target) }
            guard case .different(let differences)? = refusal else { return }
            #expect(
                differences == [
                    "table grants, key g7", "table users, key u8", "table users has 1200 rows and 1199 in the target",
                ])
            try source.open()
            try source.run(
                "UPDATE grants SET scopes = 'openid' WHERE id = 'g7'", "UPDATE users SET name = '' WHERE id = 'u8'")
            #expect(try move(source, target).isMoved, "both rows were copied anew")
        }
    }

    @Test(arguments: MovePair.all)
    func anInterruptedCutOverIsFinishedOrGivenUp(_ pair: MovePair) throws {
        try withMove(pair) { source, target in
            _ = try move(source, target, .copy)
            let connection = try source.place.openSource()
            let mark = try #require(try connection.mark(MoveMark.inSource))
            try MoveSource(connection: connection, tables: connection.catalogue()).freeze(mark)
            connection.close()
            let refusal = #expect(throws: StorageError.self) { try source.open() }
            #expect(refusal?.description.contains("takes no writes") == true)
            #expect(throws: DatabaseMove.Refusal.frozen) { try move(source, target, .copy) }
            #expect(try move(source, target).isMoved)
            #expect(try target.contents() == source.contents())
        }
    }

    @Test(arguments: MovePair.all)
    func aMoveThatIsGivenUpLeavesNothingInTheSource(_ pair: MovePair) throws {
        try withMove(pair, rows: 10) { source, target in
            #expect(try DatabaseMove.abort(from: source.place) == nil)
            _ = try move(source, target)
            #expect(try source.marks() > 0)
            #expect(try DatabaseMove.abort(from: source.place) == "\(target.place)")
            #expect(try source.marks() == 0)
            try source.open()
            try source.run("UPDATE grants SET generation = 9")
            let third = try MovedDatabase(pair.target)
            defer { third.remove() }
            #expect(try move(source, third).isMoved)
        }
    }
}
