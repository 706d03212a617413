import Reactor
import Stores

/// PostgreSQL, reached from every event loop through connections of its own.
struct PostgreSQLDatabase: SQLDatabase {
    private let perLoop: [LoopBound<PostgreSQLPool>]
    private let timeout: UInt64
    private let readCounts: [PostgreSQLLaneCount]
    private let writeCounts: [PostgreSQLLaneCount]

    /// Makes the pools; connects to nothing yet.
    init(_ settings: PostgreSQLSettings, on group: EventLoopGroup) async {
        let loops = group.loops
        let writers = (settings.connections + loops.count - 1) / loops.count
        let neighbours = PostgreSQLNeighbours(count: loops.count)
        var pools: [LoopBound<PostgreSQLPool>] = []
        let counts = loops.map { _ in (reads: PostgreSQLLaneCount(), writes: PostgreSQLLaneCount()) }
        for (loop, counts) in zip(loops, counts) {
            pools.append(
                await withUnsafeContinuation { continuation in
                    loop.execute {
                        let pool = PostgreSQLPool(
                            on: loop, settings, writers: writers, counts: counts, among: neighbours)
                        continuation.resume(returning: LoopBound(pool, to: loop))
                    }
                }
            )
        }
        perLoop = pools
        timeout = Deadline.nanoseconds(of: settings.timeout)
        readCounts = counts.map(\.reads)
        writeCounts = counts.map(\.writes)
    }

    func read(_ statement: StaticString, _ parameters: [SQLValue]) async throws(StorageError) -> [Row] {
        try await run(.read(Command(statement, parameters))).first ?? []
    }

    func write(_ commands: [Command]) async throws(StorageError) -> [[Row]] {
        guard !commands.isEmpty else { return [] }
        return try await run(.write(commands))
    }

    func write(_ first: [Command], then rest: [Command]) async throws(StorageError) -> [Row] {
        guard !first.isEmpty else { return [] }
        let answers = try await run(.conditional(first: first, rest: rest))
        return answers.count >= first.count ? answers[first.count - 1] : []
    }

    /// Reads share few connections; a write has one of its own.
    var pools: [PoolFigures] {
        [PoolFigures(name: "database_reads", readCounts), PoolFigures(name: "database_writes", writeCounts)]
    }

    /// Finishes what was accepted, then closes every connection.
    func close() async {
        for pool in perLoop {
            await withUnsafeContinuation { continuation in pool.run { $0.close(continuation) } }
        }
    }

    private func run(_ work: PostgreSQLWork) async throws(StorageError) -> [[Row]] {
        let result = await withUnsafeContinuation { continuation in
            let now = Deadline.now
            let job = PostgreSQLJob(
                work: work,
                since: now,
                deadline: now.advanced(byNanoseconds: timeout),
                latestStart: now.advanced(byNanoseconds: timeout / 2),
                latestCompany: now.advanced(byNanoseconds: timeout / 5),
                continuation: continuation
            )
            pool.run { $0.submit(job) }
        }
        return try result.get()
    }

    /// The one of the caller's loop, so that the answer comes where the caller is.
    private var pool: LoopBound<PostgreSQLPool> {
        if let loop = EventLoop.current, loop.index < perLoop.count, perLoop[loop.index].loop === loop {
            return perLoop[loop.index]
        }
        return perLoop[0]
    }
}
