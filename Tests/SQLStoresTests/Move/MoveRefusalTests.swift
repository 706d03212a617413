import MartletTesting
import Stores
import Testing

@testable import SQLStores

@Suite("Moves that cannot go well do not begin")
struct MoveRefusalTests {
    private func move(_ source: MovedDatabase, _ target: MovedDatabase) throws -> DatabaseMove.Report {
        try DatabaseMove.run(from: source.place, to: target.place, until: .copy)
    }

    @Test(arguments: MovePair.all)
    func aTargetWithRowsIsRefusedAndNothingChanges(_ pair: MovePair) throws {
        try withMove(pair, rows: 3) { source, target in
            try target.fill(1)
            let before = try target.contents()
            #expect(throws: DatabaseMove.Refusal.occupied(table: "consents")) { try move(source, target) }
            #expect(try target.contents() == before)
            #expect(try source.marks() == 0 && target.marks() == 0)
            try target.run("DELETE FROM consents", "DELETE FROM users", "DELETE FROM grants", "DELETE FROM sessions")
            _ = try move(source, target)
        }
    }

    @Test(arguments: MovePair.all)
    func anotherSourceOrTargetIsRefused(_ pair: MovePair) throws {
        try withMove(pair, rows: 3) { source, target in
            _ = try move(source, target)
            let others = (try MovedDatabase(pair.source), try MovedDatabase(pair.target))
            defer { others.0.remove() }
            defer { others.1.remove() }
            try others.0.fill(2)
            #expect(throws: DatabaseMove.Refusal.foreignTarget(from: "\(source.place)")) {
                try move(others.0, target)
            }
            if case .sqlite = target.place {
                #expect(throws: DatabaseMove.Refusal.otherTarget("\(target.place)")) { try move(source, others.1) }
            }
            #expect(throws: DatabaseMove.Refusal.entangled) { try move(target, others.1) }
            _ = try move(source, target)
        }
    }

    @Test func aSourceThatIsMissingIsNotMade() throws {
        let (source, target) = (try MovedDatabase(.sqlite), try MovedDatabase(.sqlite))
        defer { target.remove() }
        #expect(throws: DatabaseMove.Refusal.self) { try move(source, target) }
        #expect(throws: StorageError.self) { try source.connection() }
    }

    @Test(.postgreSQL) func textThatPostgreSQLCannotHoldIsNamed() throws {
        try withMove(MovePair(source: .sqlite, target: .postgreSQL), rows: 3) { source, target in
            try source.run("UPDATE users SET name = 'a' || char(0) || 'b' WHERE id = 'u2'")
            #expect(throws: DatabaseMove.Refusal.unfit(table: "users", key: "u2", column: "name")) {
                try move(source, target)
            }
            try source.run("UPDATE users SET name = 'ab' WHERE id = 'u2'")
            _ = try move(source, target)
            #expect(try target.contents() == source.contents())
        }
    }

    @Test(arguments: MovePair.all)
    func twoMovesAtOnceAreRefused(_ pair: MovePair) throws {
        try withMove(pair, rows: 3) { source, target in
            let first = try target.place.openTarget()
            #expect(throws: DatabaseMove.Refusal.targetInUse) { try move(source, target) }
            first.close()
            _ = try move(source, target)
        }
    }
}
