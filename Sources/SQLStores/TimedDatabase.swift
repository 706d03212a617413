import Reactor
import Stores

/// The database of the tables: every call says what it is for, and is timed under that name.
struct TimedDatabase<Base: SQLDatabase>: Sendable {
    private let base: Base
    private let observer: StoreObserver?

    /// Times for nobody unless there is an observer.
    init(_ base: Base, observer: StoreObserver? = nil) {
        self.base = base
        self.observer = observer
    }

    /// As `SQLDatabase` says.
    func read(
        _ operation: StoreOperation, _ statement: StaticString, _ parameters: [SQLValue]
    ) async throws(StorageError) -> [Row] {
        let start = begin()
        defer { end(operation, start) }
        return try await base.read(statement, parameters)
    }

    /// As `SQLDatabase` says.
    func write(_ operation: StoreOperation, _ commands: [Command]) async throws(StorageError) -> [[Row]] {
        let start = begin()
        defer { end(operation, start) }
        return try await base.write(commands)
    }

    /// As `SQLDatabase` says.
    func write(
        _ operation: StoreOperation, _ first: [Command], then rest: [Command]
    ) async throws(StorageError) -> [Row] {
        let start = begin()
        defer { end(operation, start) }
        return try await base.write(first, then: rest)
    }

    /// The same with a single first command.
    func write(
        _ operation: StoreOperation, _ first: Command, then rest: [Command]
    ) async throws(StorageError) -> [Row] {
        try await write(operation, [first], then: rest)
    }

    /// Runs one command and answers its rows once it is durable.
    func write(
        _ operation: StoreOperation, _ statement: StaticString, _ parameters: [SQLValue]
    ) async throws(StorageError) -> [Row] {
        try await write(operation, [Command(statement, parameters)], then: [])
    }

    private func begin() -> UInt64 { observer == nil ? 0 : Deadline.now.nanoseconds }

    private func end(_ operation: StoreOperation, _ start: UInt64) {
        observer?(operation, Deadline.now.nanoseconds &- start)
    }
}
