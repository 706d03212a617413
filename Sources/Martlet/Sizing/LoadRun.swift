import Reactor
import Synchronization

/// Does one kind of work over and over for a while, by many at once, and counts.
struct LoadRun: Sendable {
    let group: EventLoopGroup
    let duration: Duration

    /// Each worker goes on until the time is over, and does its work once at least; they are spread over the loops.
    ///
    /// The time counts up to the end of the last one's work, so that whatever was begun is counted with its time.
    func run<Worker: Sendable>(
        _ workers: [Worker], _ work: @escaping @Sendable (inout Worker) async throws -> Void
    ) async throws -> Measurement {
        let (started, processorTime) = (Deadline.now, HostFacts.processorTime)
        let end = started.advanced(byNanoseconds: Deadline.nanoseconds(of: duration))
        let count = try await withThrowingTaskGroup(of: Int.self) { tasks in
            for (index, worker) in workers.enumerated() {
                tasks.addTask(executorPreference: group.loops[index % group.loops.count]) {
                    var (worker, count) = (worker, 0)
                    repeat {
                        try await work(&worker)
                        count += 1
                        // Work that never waits would keep the others of its loop from theirs.
                        if count % 64 == 0 { await Task.yield() }
                    } while Deadline.now < end && !Task.isCancelled
                    return count
                }
            }
            return try await tasks.reduce(0, +)
        }
        return Measurement(
            count: count,
            elapsed: .nanoseconds(Int64(clamping: Deadline.now.nanoseconds - started.nanoseconds)),
            processorTime: HostFacts.processorTime - processorTime
        )
    }
}
