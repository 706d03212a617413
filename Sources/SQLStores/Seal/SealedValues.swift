import Stores

/// The sealed values of a database, for whoever seals them anew while others use it.
///
/// Every batch is one transaction, and a value is replaced only while it is the one that was read: whatever ends the work
/// on its way, each value stands there whole, as it was or as it is to be. Blocks the calling thread.
public final class SealedValues {
    private let connection: any MoveConnection
    private let batch: Int

    /// A value and what it is bound to.
    public struct Value: Sendable {
        /// As it stands in the database.
        public let sealed: [UInt8]
        /// What the owner bound it to.
        public let binding: [UInt8]
    }

    /// What became of the values of a column.
    public struct Outcome: Sendable, Equatable {
        /// Those that were looked at.
        public var seen = 0
        /// Those that were replaced.
        public var replaced = 0
        /// Those that somebody else changed or removed meanwhile.
        public var overtaken = 0
    }

    /// Connects to a database that has the schema of this program; `batch` is how many values a transaction replaces.
    public convenience init(_ place: DatabaseMove.Place, batch: Int = 200) throws {
        let connection = try place.reach()
        do {
            _ = try connection.requireSchema()
        } catch {
            connection.close()
            throw error
        }
        self.init(connection, batch: batch)
    }

    init(_ connection: any MoveConnection, batch: Int) {
        self.connection = connection
        self.batch = max(1, batch)
    }

    deinit { connection.close() }

    /// Gives each value of a column to `body`, in the order of the table's key, and keeps what it answers in its place;
    /// nil leaves a value as it is.
    ///
    /// `progress` is told after each batch. What `body` throws ends the work; the batches before it stay.
    public func replace(
        in column: SealedColumn, progress: (Outcome) throws -> Void = { _ in }, _ body: (Value) throws -> [UInt8]?
    ) throws -> Outcome {
        guard let table = try connection.catalogue().first(where: { $0.name == column.table }) else {
            throw StorageError.failed("there is no table \(column.table)")
        }
        var outcome = Outcome()
        var last: [SQLValue] = []
        while true {
            let rows = try connection.query(column.page(of: table, isFirst: last.isEmpty, limit: batch), last)
            guard let end = rows.last else { return outcome }
            last = Array(end.prefix(table.keyCount))
            var changes: [[SQLValue]] = []
            for row in rows {
                let (key, value) = try column.read(row, of: table)
                outcome.seen += 1
                guard let new = try body(value) else { continue }
                changes.append([.bytes(new)] + key + [.bytes(value.sealed)])
            }
            try apply(changes, column.change(of: table), &outcome)
            try progress(outcome)
            guard rows.count == batch else { return outcome }
        }
    }

    private func apply(_ changes: [[SQLValue]], _ statement: String, _ outcome: inout Outcome) throws {
        guard !changes.isEmpty else { return }
        var replaced = 0
        try connection.alone { (_: Int) throws(StorageError) in
            replaced = 0
            for change in changes { replaced += try connection.query(statement, change).count }
        }
        outcome.replaced += replaced
        outcome.overtaken += changes.count - replaced
        connection.rest()
    }
}

@available(*, unavailable)
extension SealedValues: Sendable {}

extension MoveConnection {
    /// Refuses a database whose schema lacks steps of this program.
    fileprivate func requireSchema() throws(StorageError) -> [SchemaStep] {
        try Schema.current.bringUpToDate(self, .require)
    }
}

// The names come from the program and the catalogue, never from anybody's input.
extension SealedColumn {
    /// The key, the value and what it is bound to.
    fileprivate func page(of table: MovedTable, isFirst: Bool, limit: Int) -> String {
        let marks = (1...max(1, table.keyCount)).map { "$\($0)" }.joined(separator: ", ")
        let after = isFirst ? "" : " AND (\(table.keyList)) > (\(marks))"
        let names = [column] + [binding].compactMap(\.self)
        return "SELECT \(table.keyList), \(MovedTable.list(names)) FROM \(table.quotedName) "
            + "WHERE \(MovedTable.quoted(column)) IS NOT NULL\(after) ORDER BY \(table.keyList) LIMIT \(limit)"
    }

    /// Takes the new value, the key and the old value.
    fileprivate func change(of table: MovedTable) -> String {
        let name = MovedTable.quoted(column)
        let marks = (0..<table.keyCount).map { "$\($0 + 2)" }.joined(separator: ", ")
        return "UPDATE \(table.quotedName) SET \(name) = $1 WHERE (\(table.keyList)) = (\(marks)) "
            + "AND \(name) = $\(table.keyCount + 2) RETURNING 1"
    }

    fileprivate func read(
        _ row: Row, of table: MovedTable
    ) throws(StorageError) -> (key: [SQLValue], value: SealedValues.Value) {
        let values = Array(row)
        let rest = values.dropFirst(table.keyCount)
        guard case .bytes(let sealed)? = rest.first else { throw .damaged(table: self.table, column: column) }
        let bound: [UInt8]
        switch (binding, rest.dropFirst().first) {
        case (nil, _): bound = []
        case (_?, .text(let text)?): bound = Array(text.utf8)
        case (_?, .bytes(let bytes)?): bound = bytes
        case (let name?, _): throw .damaged(table: self.table, column: name)
        }
        return (Array(values.prefix(table.keyCount)), SealedValues.Value(sealed: sealed, binding: bound))
    }
}
