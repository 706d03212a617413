import Glibc
import Reactor
import Testing

@Suite("Signals")
struct SignalsTests {
    @Test func aBlockedSignalIsReceivedByWhoWaits() async throws {
        try await withLoops(1) { group in
            let loop = group.loops[0]
            // To the thread of the loop, which blocks all signals: other threads of the test process do not.
            loop.execute { pthread_kill(pthread_self(), SIGUSR1) }
            let first = try await Signals.wait(for: [SIGUSR1, SIGUSR2], on: loop)
            #expect(first == SIGUSR1)
            async let next = Signals.wait(for: [SIGUSR1, SIGUSR2], on: loop)
            loop.execute { pthread_kill(pthread_self(), SIGUSR2) }
            let second = try await next
            #expect(second == SIGUSR2)
        }
    }

    @Test func cancellingEndsTheWait() async throws {
        try await withLoops(1) { group in
            let task = Task { try await Signals.wait(for: [SIGUSR1], on: group.loops[0]) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
