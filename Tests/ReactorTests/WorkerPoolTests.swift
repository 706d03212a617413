import Glibc
import Reactor
import Synchronization
import Testing

@Suite("Worker pool", .timeLimit(.minutes(10)))
struct WorkerPoolTests {
    /// Holds threads until it is opened.
    final class Gate: Sendable {
        private let isOpen = Atomic(false)
        private let arrived = Atomic(0)

        func pass() {
            arrived.add(1, ordering: .sequentiallyConsistent)
            while !isOpen.load(ordering: .acquiring) { _ = Glibc.usleep(200) }
        }
        func open() { isOpen.store(true, ordering: .releasing) }
        func waitForArrivals(_ count: Int) async {
            while arrived.load(ordering: .sequentiallyConsistent) < count { await Task.yield() }
        }
    }

    /// In which lanes work ran, the first first.
    final class Order: Sendable {
        let lanes = Mutex<[WorkerPool.Lane]>([])
    }

    struct Refused: Error, Equatable {}

    @Test func workRunsOffTheLoopAndItsResultComesBackToTheLoop() async throws {
        try await withLoops(1) { group in
            let pool = try WorkerPool(name: "test", threads: 2, queueLimit: 10)
            let loop = group.loops[0]
            let (value, home) = try await loop.run {
                let value = try await pool.run { loop.isCurrent ? 0 : 42 }
                return (value, loop.isCurrent)
            }
            #expect(value == 42)
            #expect(home)
            await #expect(throws: Refused()) { try await pool.run { throw Refused() } }
            await pool.stop()
        }
    }

    @Test func threadsInTheBackgroundStepBack() async throws {
        @Sendable func niceness() -> Int32 { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }
        let normal = try WorkerPool(name: "test", threads: 1, queueLimit: 1)
        let background = try WorkerPool(name: "test", threads: 1, queueLimit: 1, priority: .background)
        let usual = try await normal.run { niceness() }
        #expect(try await background.run { niceness() } == min(19, usual + 5))
        await normal.stop()
        await background.stop()
    }

    @Test func aFullQueueRefusesAtOnceAndTakesWorkAgainLater() async throws {
        try await onLoop { loop in
            let pool = try WorkerPool(name: "test", threads: 2, queueLimit: 3)
            let gate = Gate()
            await withTaskGroup { tasks in
                for _ in 0..<2 { tasks.addTask(executorPreference: loop) { _ = try? await pool.run { gate.pass() } } }
                await gate.waitForArrivals(2)
                for _ in 0..<3 { tasks.addTask(executorPreference: loop) { _ = try? await pool.run { gate.pass() } } }
                while pool.waiting < 3 { await Task.yield() }
                await #expect(throws: WorkerPoolError.full) { try await pool.run {} }
                gate.open()
                await tasks.waitForAll()
            }
            #expect(try await pool.run { 1 } == 1)
            await pool.stop()
        }
    }

    @Test func aFloodInOneLaneKeepsNobodyInTheOtherFromTheThreads() async throws {
        try await onLoop { loop in
            let pool = try WorkerPool(name: "test", threads: 1, queueLimit: 3)
            let gate = Gate()
            let order = Order()
            await withTaskGroup { tasks in
                tasks.addTask(executorPreference: loop) { _ = try? await pool.run { gate.pass() } }
                await gate.waitForArrivals(1)
                for (lane, count) in [(WorkerPool.Lane.common, 3), (.other, 2)] {
                    let waiting = pool.waiting
                    for _ in 0..<count {
                        tasks.addTask(executorPreference: loop) {
                            _ = try? await pool.run(in: lane) { order.lanes.withLock { $0.append(lane) } }
                        }
                    }
                    while pool.waiting < waiting + count { await Task.yield() }
                    if lane == .common { await #expect(throws: WorkerPoolError.full) { try await pool.run {} } }
                }
                gate.open()
                await tasks.waitForAll()
            }
            #expect(order.lanes.withLock { $0 } == [.other, .common, .other, .common, .common])
            await pool.stop()
        }
    }

    @Test func aPoolWithoutAQueueStillRunsOnePieceAThread() async throws {
        try await onLoop { loop in
            let pool = try WorkerPool(name: "test", threads: 1, queueLimit: 0)
            let gate = Gate()
            async let running: Void = pool.run { gate.pass() }
            await gate.waitForArrivals(1)
            await #expect(throws: WorkerPoolError.full) { try await pool.run {} }
            gate.open()
            try await running
            // A thread is free as soon as its result is there, also without a place to wait.
            for _ in 0..<2000 { try await pool.run {} }
            await pool.stop()
        }
    }

    @Test func cancellingTakesWaitingWorkOutButLetsRunningWorkFinish() async throws {
        try await onLoop { loop in
            let pool = try WorkerPool(name: "test", threads: 1, queueLimit: 1)
            let gate = Gate()
            let running = Task(executorPreference: loop) {
                try await pool.run {
                    gate.pass(); return 7
                }
            }
            await gate.waitForArrivals(1)
            let waiting = Task(executorPreference: loop) { try await pool.run { Issue.record("cancelled work ran") } }
            while pool.waiting < 1 { await Task.yield() }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            #expect(pool.waiting == 0)
            running.cancel()
            gate.open()
            #expect(try await running.value == 7)
            await pool.stop()
        }
    }

    @Test func stoppingRefusesWhatWaitsAndFinishesWhatRuns() async throws {
        try await onLoop { loop in
            let pool = try WorkerPool(name: "test", threads: 1, queueLimit: 5)
            let gate = Gate()
            let running = Task(executorPreference: loop) {
                try await pool.run {
                    gate.pass(); return 7
                }
            }
            await gate.waitForArrivals(1)
            let waiting = (0..<5).map { _ in Task(executorPreference: loop) { try await pool.run { 1 } } }
            while pool.waiting < 5 { await Task.yield() }
            let stopping = Task(executorPreference: loop) { await pool.stop() }
            for task in waiting {
                await #expect(throws: WorkerPoolError.stopped) { try await task.value }
            }
            await #expect(throws: WorkerPoolError.stopped) { try await pool.run {} }
            gate.open()
            #expect(try await running.value == 7)
            await stopping.value
            await pool.stop()
        }
    }

    /// On a loop rather than on the default executor, whose hand-over the thread sanitizer cannot see.
    private func onLoop(_ body: @escaping @Sendable (EventLoop) async throws -> Void) async throws {
        try await withLoops(1) { group in
            let loop = group.loops[0]
            try await loop.run { try await body(loop) }
        }
    }
}
