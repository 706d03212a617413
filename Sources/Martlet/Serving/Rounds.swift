import Observability
import Reactor

/// Work that is looked for once a second, and at once when somebody calls: what the stores keep to be sent.
///
/// However many calls come during a round, one more round answers them all.
struct Rounds: Sendable {
    private let calls: AsyncStream<Void>
    private let caller: AsyncStream<Void>.Continuation

    /// How often the stores are asked: what other nodes and commands ordered, and what is tried again.
    private static let pause = Duration.seconds(1)

    init() {
        (calls, caller) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Has a round made at once.
    var wake: @Sendable () -> Void { { [caller] in caller.yield() } }

    /// Makes rounds until the task is cancelled; of failures in a row the first is told.
    func run(
        on loop: EventLoop, failing: @Sendable (any Error) -> Void, _ round: @Sendable () async throws -> Void
    ) async {
        var isFailing = false
        await withTaskGroup { tasks in
            tasks.addTask {
                while (try? await loop.sleep(until: .after(Rounds.pause))) != nil { caller.yield() }
                caller.finish()
            }
            for await _ in calls {
                do {
                    try await round()
                    isFailing = false
                } catch is CancellationError {
                    break
                } catch {
                    // A store that fails is told by the maintenance as well; each says it once.
                    if !isFailing { failing(error) }
                    isFailing = true
                }
            }
            tasks.cancelAll()
        }
    }
}
