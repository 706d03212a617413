import Reactor
import Testing

@Suite("Event loop")
struct EventLoopTests {
    actor Counter {
        private(set) var count = 0
        func increment() { count += 1 }
    }

    /// Lives on one loop.
    actor Resident {
        let loop: EventLoop
        init(_ loop: EventLoop) { self.loop = loop }
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
        func isHome() -> Bool {
            assertIsolated()
            return loop.isCurrent
        }
        func isHomeAfterLeaving(to other: Counter) async -> Bool {
            await other.increment()
            assertIsolated()
            return loop.isCurrent
        }
    }

    /// What tasks of one loop count; -1 where nobody has.
    private final class Tally: Sendable {
        private let number: Locked<Int>

        init(_ number: Int = 0) { self.number = Locked(number) }

        var count: Int {
            get { number.withLock { $0 } }
            set { number.withLock { $0 = newValue } }
        }
    }

    @Test func tasksRunOnTheLoopTheyPrefer() async throws {
        try await withLoops(2) { group in
            let counter = Counter()
            for loop in group.loops {
                let seen = try await loop.run {
                    let before = loop.isCurrent && EventLoop.current === loop
                    await counter.increment()
                    await Task.yield()
                    return before && loop.isCurrent
                }
                #expect(seen)
            }
            #expect(await counter.count == 2)
            #expect(EventLoop.current == nil)
        }
    }

    @Test func anActorCanLiveOnALoop() async throws {
        try await withLoops(2) { group in
            let resident = Resident(group.loops[1])
            #expect(await resident.isHome())
            let isHome = try await group.loops[0].run { await resident.isHome() }
            #expect(isHome)
            #expect(await resident.isHomeAfterLeaving(to: Counter()))
        }
    }

    @Test func callsFromElsewhereRunOnTheLoopInOrder() async throws {
        try await withLoops(1) { group in
            let loop = group.loops[0]
            let (stream, continuation) = AsyncStream<Int>.makeStream()
            for number in 0..<1000 {
                loop.execute { continuation.yield(loop.isCurrent ? number : -1) }
            }
            loop.execute { continuation.finish() }
            var expected = 0
            for await number in stream {
                #expect(number == expected)
                expected += 1
            }
            #expect(expected == 1000)
        }
    }

    @Test func aLongRowOfJobsDoesNotKeepTheSocketsWaiting() async throws {
        try await withLoops(1) { group in
            let loop = group.loops[0]
            let pair = try await ConnectionPair.make(client: loop, server: loop)
            let done = try await loop.run {
                let (done, doneBefore) = (Tally(), Tally(-1))
                #expect(try pair.server.attemptRead { $0.count } == nil)
                pair.server.whenReadable(until: .generous) { _ in doneBefore.count = done.count }
                try await pair.client.write([1], until: .generous)
                await withTaskGroup { tasks in
                    for _ in 0..<100 {
                        tasks.addTask {
                            let end = Deadline.after(.milliseconds(1))
                            while .now < end {}
                            done.count += 1
                        }
                    }
                }
                return doneBefore.count
            }
            #expect((0..<100).contains(done))
        }
    }

    @Test func aSleeperWakesAtItsDeadlineAndNotBefore() async throws {
        try await withLoops(1) { group in
            let loop = group.loops[0]
            try await loop.sleep(until: Deadline(nanoseconds: 0))
            let deadline = Deadline.after(.milliseconds(20))
            try await loop.sleep(until: deadline)
            #expect(Deadline.now >= deadline)
            try await loop.run { try await loop.sleep(until: .after(.milliseconds(1))) }
        }
    }

    @Test func sleepersWakeInTheOrderOfTheirDeadlines() async throws {
        try await withLoops(1) { group in
            let loop = group.loops[0]
            // On a slow machine the first may be over before the last goes to sleep: then once more, with more time.
            for milliseconds in [30, 300, 3000, 30_000] {
                let base = Deadline.after(.milliseconds(milliseconds))
                let (order, allSlept) = try await loop.run {
                    await withTaskGroup(of: Int?.self) { tasks in
                        for number in [3, 0, 4, 1, 2] {
                            tasks.addTask {
                                try? await loop.sleep(until: base.advanced(byNanoseconds: UInt64(number) * 5_000_000))
                                return number
                            }
                        }
                        // One loop runs its jobs in order: by now the others are asleep.
                        tasks.addTask { Deadline.now < base ? nil : -1 }
                        var order: [Int] = []
                        for await case let number? in tasks { order.append(number) }
                        return (order.filter { $0 >= 0 }, !order.contains(-1))
                    }
                }
                guard allSlept else { continue }
                #expect(order == [0, 1, 2, 3, 4])
                return
            }
            Issue.record("this machine stands still")
        }
    }

    @Test func cancellingEndsASleepAtOnce() async throws {
        try await withLoops(1) { group in
            let loop = group.loops[0]
            for preference in [loop, nil] {
                let task = Task(executorPreference: preference) { try await loop.sleep(until: .never) }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }
}
