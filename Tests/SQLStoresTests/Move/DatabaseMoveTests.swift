import MartletTesting
import Stores
import Testing

@testable import SQLStores

@Suite("Records move to another database while they change")
struct DatabaseMoveTests {
    @Test(arguments: MovePair.all)
    func everyRowArrivesAndTheSourceTakesNoMoreWrites(_ pair: MovePair) throws {
        try withMove(pair) { source, target in
            let before = try source.contents()
            let report = try source.move(to: target)
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
            #expect(try source.move(to: target).isMoved, "again")
        }
    }

    @Test(arguments: MovePair.all)
    func changesDuringTheCopyFollow(_ pair: MovePair) throws {
        try withMove(pair) { source, target in
            var steps = 0
            let report = try source.move(to: target) { step in
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
    func whomAnOlderProgramErasesMeanwhileIsGoneThereToo(_ pair: MovePair) throws {
        try withMove(pair) { source, target in
            let people = (1...300).map { "('u\($0)', 'g', 'name=.Ada', 1)" }.joined(separator: ", ")
            try source.run(
                "INSERT INTO profile_sources (user_id, source, told, told_at) VALUES \(people)",
                // Erased once, and imported again.
                "INSERT INTO person_keys (user_id, sealed) VALUES ('u300', NULL)"
            )
            #expect(try source.run("SELECT 1 FROM profile_sources").count == 300)
            var steps = 0
            try source.move(to: target) { step in
                guard step != .refusingWrites else { return }
                steps += 1
                try source.run(
                    "DELETE FROM users WHERE id = 'u\(steps)'",
                    """
                    INSERT INTO person_keys (user_id, sealed) VALUES ('u\(steps)', NULL)
                    ON CONFLICT (user_id) DO UPDATE SET sealed = NULL
                    """,
                    "UPDATE users SET name = 'x' WHERE id = 'u300'",
                    "UPDATE person_keys SET user_id = user_id WHERE user_id = 'u300'"
                )
            }
            #expect(steps > 5 && steps < 300)
            #expect(try target.contents() == source.contents())
            #expect(try target.run("SELECT 1 FROM profile_sources").count == 300 - steps)
            #expect(try target.run("SELECT 1 FROM profile_sources WHERE user_id = 'u300'").count == 1)
        }
    }

    @Test(arguments: MovePair.all)
    func withoutACutOverTheSourceGoesOn(_ pair: MovePair) throws {
        try withMove(pair) { source, target in
            let report = try source.move(to: target, .copy)
            #expect(!report.isMoved && report.refused == nil)
            try source.open()
            let refusal = #expect(throws: StorageError.self) { try target.open() }
            #expect(refusal?.description.contains("being filled from \(source.place)") == true)
            try source.run("DELETE FROM grants WHERE id = 'g5'", "UPDATE users SET name = 'Grace' WHERE id = 'u6'")
            #expect(try source.move(to: target, .copy).changes == 2)
            try source.run("DELETE FROM grants WHERE id = 'g6'")
            #expect(try source.move(to: target).isMoved)
            #expect(try target.contents() == source.contents())
        }
    }

    @Test(arguments: MovePair.all)
    func anInterruptedCopyGoesOnWhereItStopped(_ pair: MovePair) throws {
        try withMove(pair) { source, target in
            // As after a kill: the first page of grants is there, and all else is missing.
            try target.make()
            let (from, to) = (try source.place.openSource(), try target.place.openTarget())
            let mark = MoveMark(of: "\(target.place)")
            let tables = try to.catalogue()
            try MoveSource(connection: from, tables: tables).begin(mark)
            try to.query("DELETE FROM versions")
            try to.query("CREATE TABLE \(MoveMark.copied) (name text NOT NULL PRIMARY KEY)")
            try to.write(MoveMark(id: mark.id, place: "\(source.place)", begunAt: mark.begunAt), MoveMark.inTarget)
            let grants = try #require(tables.first { $0.name == "grants" })
            try RowTransfer(target: to).put(from.query(grants.page(isFirst: true, limit: 1000)), into: grants)
            from.close()
            to.close()
            try source.run("DELETE FROM grants WHERE id = 'g1'")
            var copied: [Int64] = []
            let report = try source.move(to: target) { step in
                if case .copying("grants", let rows, _) = step { copied.append(rows) }
            }
            #expect(copied.first == 1200 && report.isMoved)
            #expect(try target.contents() == source.contents())
        }
    }

    @Test(arguments: MovePair.all)
    func aRowThatIsNotTheSameStopsTheCutOver(_ pair: MovePair) throws {
        try withMove(pair) { source, target in
            _ = try source.move(to: target, .copy)
            try target.run("UPDATE grants SET scopes = 'admin' WHERE id = 'g7'", "DELETE FROM users WHERE id = 'u8'")
            var isRefusing = false
            let refusal = #expect(throws: DatabaseMove.Refusal.self) {
                try source.move(to: target) { if $0 == .refusingWrites { isRefusing = true } }
            }
            guard case .different(let differences)? = refusal else { return }
            #expect(
                differences == ["table grants, key g7", "table users, key u8"])
            #expect(!isRefusing, "before any write was refused")
            try source.open()
            try source.run(
                "UPDATE grants SET scopes = 'openid' WHERE id = 'g7'", "UPDATE users SET name = '' WHERE id = 'u8'")
            #expect(try source.move(to: target).isMoved, "both rows were copied anew")
        }
    }

    @Test(arguments: MovePair.all)
    func anInterruptedCutOverIsFinishedOrGivenUp(_ pair: MovePair) throws {
        try withMove(pair) { source, target in
            _ = try source.move(to: target, .copy)
            let connection = try source.place.openSource()
            let mark = try #require(try connection.mark(MoveMark.inSource))
            try MoveSource(connection: connection, tables: connection.catalogue()).freeze(mark)
            connection.close()
            let refusal = #expect(throws: StorageError.self) { try source.open() }
            #expect(refusal?.description.contains("takes no writes") == true)
            #expect(throws: DatabaseMove.Refusal.frozen) { try source.move(to: target, .copy) }
            #expect(try source.move(to: target).isMoved)
            #expect(try target.contents() == source.contents())
        }
    }

    @Test(arguments: MovePair.all)
    func aMoveThatIsGivenUpLeavesNothingInTheSource(_ pair: MovePair) throws {
        try withMove(pair, rows: 10) { source, target in
            #expect(try DatabaseMove.abort(from: source.place) == nil)
            _ = try source.move(to: target)
            #expect(try source.marks() > 0)
            #expect(try DatabaseMove.abort(from: source.place) == "\(target.place)")
            #expect(try source.marks() == 0)
            try source.open()
            try source.run("UPDATE grants SET generation = 9")
            let third = try MovedDatabase(pair.target)
            defer { third.remove() }
            #expect(try source.move(to: third).isMoved)
        }
    }
}
