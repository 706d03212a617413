import Stores

/// SQLite with one writer and a pool of readers.
struct SQLiteDatabase: SQLDatabase {
    private let writer: SQLiteWriter
    private let readers: SQLiteReaders

    /// The writes that may wait before further ones are refused: what the disk can do in a tenth of a second or so.
    static let queueCapacity = 4096

    /// Takes over the connection that writes.
    init(
        writing connection: SQLiteConnection, queueCapacity: Int = SQLiteDatabase.queueCapacity
    ) throws(StorageError) {
        readers = SQLiteReaders(path: connection.path)
        writer = try SQLiteWriter(connection: connection, capacity: queueCapacity)
    }

    func read(_ statement: StaticString, _ parameters: [SQLValue]) async throws(StorageError) -> [Row] {
        try readers.run(statement, parameters)
    }

    func write(_ commands: [Command]) async throws(StorageError) -> [[Row]] {
        try await writer.write(SQLiteWrite(commands: commands, condition: nil))
    }

    func write(_ first: [Command], then rest: [Command]) async throws(StorageError) -> [Row] {
        let answers = try await writer.write(SQLiteWrite(commands: first + rest, condition: first.count - 1))
        return answers.count >= first.count ? answers[first.count - 1] : []
    }

    /// The readers, and the one connection that writes.
    var pools: [PoolFigures] {
        [
            PoolFigures(
                name: "database_reads", waiting: { 0 }, open: { [readers] in readers.counts.open },
                busy: { [readers] in readers.counts.busy }),
            PoolFigures(
                name: "database_writes", waiting: { [writer] in writer.counts.waiting }, open: { 1 },
                busy: { [writer] in writer.counts.isAtWork ? 1 : 0 }),
        ]
    }

    /// Leaves copying the log to another process from here on.
    func leaveLog() async { await writer.leaveLog() }

    /// Finishes the writes that were accepted, then closes every connection.
    func close() async {
        readers.close()
        await writer.close()
    }
}
