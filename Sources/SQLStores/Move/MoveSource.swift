import Stores

/// The end that is in use: what a move installs there and takes away again.
struct MoveSource {
    let connection: any MoveConnection
    let tables: [MovedTable]

    private var logs: [ChangeLog] { tables.map(ChangeLog.init(table:)) }

    /// From here on every change is noted.
    func begin(_ mark: MoveMark) throws(StorageError) {
        try connection.alone { () throws(StorageError) in
            try run { $0.install(in: connection.dialect) }
            try connection.write(mark, MoveMark.inSource)
        }
    }

    /// From here on every write is refused, and all that were accepted are done.
    func freeze(_ mark: MoveMark) throws(StorageError) {
        try connection.alone { () throws(StorageError) in
            try require(mark)
            try run { $0.freeze(in: connection.dialect) }
            try connection.write(mark.at(.frozen), MoveMark.inSource)
        }
    }

    /// Writes are taken again.
    func unfreeze(_ mark: MoveMark) throws(StorageError) {
        try connection.alone { () throws(StorageError) in
            // Whoever gave the move up meanwhile has done this and more.
            guard try connection.mark(MoveMark.inSource)?.id == mark.id else { return }
            try run { $0.unfreeze(in: connection.dialect) }
            try connection.write(mark.at(.copying), MoveMark.inSource)
        }
    }

    func finish(_ mark: MoveMark) throws(StorageError) {
        try connection.alone { () throws(StorageError) in
            try require(mark)
            try connection.write(mark.at(.moved), MoveMark.inSource)
        }
    }

    /// Nothing of the move stays.
    func giveUp() throws(StorageError) {
        try connection.alone { () throws(StorageError) in
            try run { $0.unfreeze(in: connection.dialect) + $0.remove(in: connection.dialect) }
            try connection.query("DROP TABLE IF EXISTS \(MoveMark.inSource)")
        }
    }

    /// A move that was given up meanwhile ends here: its source takes writes again.
    private func require(_ mark: MoveMark) throws(StorageError) {
        guard try connection.mark(MoveMark.inSource)?.id == mark.id else {
            throw .failed("the move was given up meanwhile; run `martlet db move` again")
        }
    }

    private func run(_ statements: (ChangeLog) -> [String]) throws(StorageError) {
        try connection.lock(tables)
        for log in logs {
            for statement in statements(log) { try connection.query(statement) }
        }
    }
}

extension MoveMark {
    func at(_ phase: Phase) -> MoveMark { MoveMark(id: id, place: place, phase: phase) }
}
