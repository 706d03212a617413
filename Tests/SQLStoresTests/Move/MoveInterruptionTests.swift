import Glibc
import MartletTesting
import Stores
import Testing

@testable import SQLStores

@Suite("What interrupts a cut-over does not leave writes refused")
struct MoveInterruptionTests {
    @Test(arguments: MovePair.all, [SIGINT, SIGTERM, SIGHUP])
    func aSignal(_ pair: MovePair, _ signal: Int32) throws {
        try withMove(pair, rows: 3) { source, target in
            #expect(throws: DatabaseMove.Refusal.interrupted) {
                try source.move(to: target) { step in
                    guard step == .refusingWrites else { return }
                    #expect(throws: StorageError.self) { try source.run("UPDATE users SET name = 'Eve'") }
                    // To this thread alone.
                    pthread_kill(pthread_self(), signal)
                }
            }
            try source.run("UPDATE users SET name = 'Grace'")
            try source.open()
            #expect(try source.move(to: target).isMoved)
            #expect(try target.contents() == source.contents())
        }
    }

    @Test(.postgreSQL, arguments: SQLDialect.allCases)
    func aBrokenConnection(to target: SQLDialect) throws {
        try withMove(MovePair(source: .postgreSQL, target: target), rows: 3) { source, target in
            let error = #expect(throws: StorageError.self) {
                try source.move(to: target) { step in
                    guard step == .refusingWrites else { return }
                    try source.run(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()
                        """
                    )
                }
            }
            #expect(error?.description.contains("does not answer") == true)
            try source.run("UPDATE users SET name = 'Grace'")
            try source.open()
            #expect(try source.move(to: target).isMoved)
            #expect(try target.contents() == source.contents())
        }
    }

    @Test(arguments: MovePair.all)
    func aNewerSchemaThatCameMeanwhile(_ pair: MovePair) throws {
        try withMove(pair, rows: 3) { source, target in
            #expect(throws: StorageError.schemaFromTheFuture(found: 99, known: Schema.current.number)) {
                try source.move(to: target) { step in
                    guard step == .refusingWrites else { return }
                    // A step that leaves this program working: nothing else would stop it.
                    try source.run("INSERT INTO schema_migrations VALUES (99, 'later', 1, 1, 1)")
                }
            }
            try source.run("UPDATE users SET name = 'Grace'")
            try source.open()
            let again = DatabaseMove.Refusal.otherSchema(found: 99, needed: Schema.current.number)
            #expect(throws: again) { try source.move(to: target) }
            try source.run("DELETE FROM schema_migrations WHERE number = 99")
            #expect(try source.move(to: target).isMoved)
        }
    }

    @Test(arguments: MovePair.all)
    func oneThatIsFinishedLaterRefusesNoWritesBeforeTheLastChanges(_ pair: MovePair) throws {
        try withMove(pair, rows: 3) { source, target in
            try source.move(to: target, .copy)
            let connection = try source.place.openSource()
            let mark = try #require(try connection.mark(MoveMark.inSource))
            try MoveSource(connection: connection, tables: connection.catalogue()).freeze(mark)
            connection.close()
            var isCompared = false
            let report = try source.move(to: target) { step in
                guard case .comparing = step else { return }
                isCompared = true
                try source.run("UPDATE users SET name = 'Grace'")
            }
            #expect(isCompared && report.isMoved)
            #expect(try target.contents() == source.contents())
        }
    }
}
