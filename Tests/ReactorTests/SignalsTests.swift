import Glibc
import Reactor
import Testing

@Suite("Signals", .serialized)
struct SignalsTests {
    @Test func aSignalToTheProcessReachesWhoWaits() async throws {
        try await withLoops(1) { group in
            Signals.intercept([SIGUSR1, SIGUSR2])
            // Before anybody waits.
            kill(getpid(), SIGUSR1)
            let first = try await Signals.wait(for: [SIGUSR1, SIGUSR2], on: group.loops[0])
            #expect(first == SIGUSR1)
            // While somebody does; another waiter does not take it.
            let other = Task { try await Signals.wait(for: [SIGUSR1], on: group.loops[0]) }
            async let next = Signals.wait(for: [SIGUSR2], on: group.loops[0])
            group.loops[0].execute { kill(getpid(), SIGUSR2) }
            let second = try await next
            #expect(second == SIGUSR2)
            other.cancel()
            await #expect(throws: CancellationError.self) { try await other.value }
        }
    }
}
