import MartletTesting
import Stores
import Testing

@testable import SQLStores

@Suite("Moves that cannot go well do not begin")
struct MoveRefusalTests {
    @Test(arguments: MovePair.all)
    func aTargetWithRowsIsRefusedAndNothingChanges(_ pair: MovePair) throws {
        try withMove(pair, rows: 3) { source, target in
            try target.fill(1)
            let before = try target.contents()
            #expect(throws: DatabaseMove.Refusal.occupied(table: "connectors")) { try source.move(to: target, .copy) }
            #expect(try target.contents() == before)
            #expect(try source.marks() == 0 && target.marks() == 0)
            for table in MovedDatabase.filled { try target.run("DELETE FROM \(table)") }
            _ = try source.move(to: target, .copy)
        }
    }

    @Test(arguments: MovePair.all)
    func anotherSourceOrTargetIsRefused(_ pair: MovePair) throws {
        try withMove(pair, rows: 3) { source, target in
            _ = try source.move(to: target, .copy)
            let others = (try MovedDatabase(pair.source), try MovedDatabase(pair.target))
            defer { others.0.remove() }
            defer { others.1.remove() }
            try others.0.fill(2)
            #expect(throws: DatabaseMove.Refusal.foreignTarget(from: "\(source.place)")) {
                try others.0.move(to: target, .copy)
            }
            if case .sqlite = target.place {
                #expect(throws: DatabaseMove.Refusal.otherTarget("\(target.place)")) {
                    try source.move(to: others.1, .copy)
                }
            }
            #expect(throws: DatabaseMove.Refusal.entangled) { try target.move(to: others.1, .copy) }
            _ = try source.move(to: target, .copy)
        }
    }

    @Test func aSourceThatIsMissingIsNotMade() throws {
        let (source, target) = (try MovedDatabase(.sqlite), try MovedDatabase(.sqlite))
        defer { target.remove() }
        #expect(throws: DatabaseMove.Refusal.self) { try source.move(to: target, .copy) }
        #expect(throws: StorageError.self) { try source.connection() }
    }

    @Test(.postgreSQL) func textThatPostgreSQLCannotHoldIsNamed() throws {
        try withMove(MovePair(source: .sqlite, target: .postgreSQL), rows: 3) { source, target in
            try source.run("UPDATE users SET name = 'a' || char(0) || 'b' WHERE id = 'u2'")
            #expect(throws: DatabaseMove.Refusal.unfit(table: "users", key: "u2", column: "name")) {
                try source.move(to: target, .copy)
            }
            try source.run("UPDATE users SET name = 'ab' WHERE id = 'u2'")
            _ = try source.move(to: target, .copy)
            #expect(try target.contents() == source.contents())
        }
    }

    // What is refused must not have changed the database that was named by mistake.
    @Test(arguments: MovePair.all)
    func aTargetOfAnOlderSchemaIsNotChangedBeforeItIsRefused(_ pair: MovePair) throws {
        try withMove(pair, rows: 3) { source, target in
            try target.make(.init(scripts: [Schema.current.scripts[0]]))
            try target.run("INSERT INTO consents (user_id, client_id, scope, given_at) VALUES ('u', 'c', 'openid', 1)")
            #expect(throws: DatabaseMove.Refusal.occupied(table: "consents")) { try source.move(to: target, .copy) }
            #expect(try target.run("SELECT max(number) FROM schema_migrations") == [Row([.integer(1)])])
            try target.run("DELETE FROM consents")
            try source.move(to: target)
            let other = try MovedDatabase(pair.target)
            defer { other.remove() }
            try other.make(.init(scripts: [Schema.current.scripts[0]]))
            #expect(throws: DatabaseMove.Refusal.self, "it is no home any more") { try source.move(to: other, .copy) }
            #expect(try other.run("SELECT max(number) FROM schema_migrations") == [Row([.integer(1)])])
        }
    }

    @Test(arguments: Set(MovePair.all.map(\.source)))
    func aDatabaseThatIsNoHomeIsNotBroughtUpToDate(_ dialect: SQLDialect) throws {
        let database = try MovedDatabase(dialect)
        defer { database.remove() }
        try database.make(.init(scripts: [Schema.current.scripts[0]]))
        let connection = try database.connection()
        defer { connection.close() }
        try connection.write(MoveMark(of: "elsewhere").at(.moved), MoveMark.inSource)
        #expect(throws: StorageError.self) { try database.open() }
        #expect(try database.run("SELECT max(number) FROM schema_migrations") == [Row([.integer(1)])])
        try connection.query("DELETE FROM \(MoveMark.inSource)")
        try database.open()
        #expect(try database.run("SELECT max(number) FROM schema_migrations") != [Row([.integer(1)])])
    }

    @Test(arguments: MovePair.all)
    func aFinishedMoveWhoseTargetWasEmptiedIsNotFinished(_ pair: MovePair) throws {
        try withMove(pair, rows: 3) { source, target in
            try source.move(to: target)
            #expect(try source.move(to: target).isMoved, "again")
            for table in MovedDatabase.filled { try target.run("DELETE FROM \(table)") }
            #expect(throws: DatabaseMove.Refusal.emptied("\(target.place)")) { try source.move(to: target) }
        }
    }

    @Test(arguments: MovePair.all)
    func twoMovesAtOnceAreRefused(_ pair: MovePair) throws {
        try withMove(pair, rows: 3) { source, target in
            let first = try target.place.openTarget()
            #expect(throws: DatabaseMove.Refusal.targetInUse) { try source.move(to: target, .copy) }
            first.close()
            _ = try source.move(to: target, .copy)
        }
    }
}
