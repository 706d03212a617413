import Stores

/// The end that is in use: what a move installs there and takes away again.
struct MoveSource {
    let connection: any MoveConnection
    let tables: [MovedTable]
    /// How often it is tried where others hold a table.
    var attempts = DatabaseMove.Limits().attempts

    /// From here on every change is noted.
    func begin(_ mark: MoveMark) throws(StorageError) {
        try lockingAll { gate, logs throws(StorageError) in
            try run(gate.install(for: tables) + logs.flatMap(\.install))
            try connection.write(mark, MoveMark.inSource)
        }
    }

    /// From here on every write is refused, and all that were accepted are done.
    func freeze(_ mark: MoveMark) throws(StorageError) {
        try lockingAll { gate, _ throws(StorageError) in
            try require(mark)
            try run(gate.shut(for: tables))
            try connection.write(mark.at(.frozen), MoveMark.inSource)
        }
    }

    /// Writes are taken again, at once; answers how the source was found, or nil where the move was given up meanwhile.
    @discardableResult
    func unfreeze(_ mark: MoveMark) throws(StorageError) -> MoveMark.Phase? {
        var found: MoveMark.Phase?
        try connection.alone(attempts: attempts) { _ throws(StorageError) in
            let now = try connection.mark(MoveMark.inSource)
            found = now?.id == mark.id ? now?.phase : nil
            guard found == .frozen else { return }
            try run(try gate().open(for: tables))
            try connection.write(mark.at(.copying), MoveMark.inSource)
        }
        return found
    }

    /// The target has taken over; what somebody has done to the schema meanwhile would be missing there.
    func finish(_ mark: MoveMark) throws(StorageError) {
        // Steps of the schema need the same lock: none is under way.
        try connection.alone(attempts: attempts) { _ throws(StorageError) in
            try require(mark)
            let found = try Schema.current.status(of: connection).number
            guard found == Schema.current.number else {
                throw .schemaFromTheFuture(found: found, known: Schema.current.number)
            }
            try connection.write(mark.at(.moved), MoveMark.inSource)
        }
    }

    /// First writes are taken again, which waits for nobody.
    func giveUp(_ mark: MoveMark) throws(StorageError) {
        try connection.alone(attempts: attempts) { _ throws(StorageError) in
            try run(try gate().open(for: tables))
            try connection.write(mark.at(.abandoned), MoveMark.inSource)
        }
    }

    /// Nothing of the move stays; throws `StorageError.busy` where a table is not to be had, and can be repeated.
    func cleanUp() throws(StorageError) {
        let gate = try gate()
        let home = try connection.home()
        for table in tables {
            let log = ChangeLog(table: table, dialect: connection.dialect, home: home)
            try connection.alone(attempts: attempts) { attempt throws(StorageError) in
                try connection.wait(attempt: attempt)
                try run(gate.remove(from: table) + log.remove)
            }
        }
        try connection.alone(attempts: attempts) { attempt throws(StorageError) in
            try connection.wait(attempt: attempt)
            try run(gate.removeRest + ["DROP TABLE IF EXISTS \(MoveMark.inSource)"])
        }
    }

    /// A move that was given up meanwhile ends here: its source takes writes again.
    private func require(_ mark: MoveMark) throws(StorageError) {
        let now = try connection.mark(MoveMark.inSource)
        guard let now, now.id == mark.id, now.phase != .abandoned else {
            throw .failed("the move was given up meanwhile; run `martlet db move` again")
        }
    }

    private func gate() throws(StorageError) -> WriteGate {
        WriteGate(dialect: connection.dialect, home: try connection.home())
    }

    private func lockingAll(_ body: (WriteGate, [ChangeLog]) throws(StorageError) -> Void) throws(StorageError) {
        let gate = try gate()
        let logs = tables.map { ChangeLog(table: $0, dialect: connection.dialect, home: gate.home) }
        try connection.alone(attempts: attempts) { attempt throws(StorageError) in
            try connection.wait(attempt: attempt)
            try connection.lock(tables)
            try body(gate, logs)
        }
    }

    private func run(_ statements: [String]) throws(StorageError) {
        for statement in statements { try connection.query(statement) }
    }
}
