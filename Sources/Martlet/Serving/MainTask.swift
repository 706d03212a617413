import Glibc
import Reactor

/// The task that is the program.
enum MainTask {
    /// Runs work on the first loop of a group, and ends the program with it; the calling thread does nothing more.
    ///
    /// On a loop instead of the runtime's own threads, which are then never started.
    static func run(
        on group: EventLoopGroup, _ console: Console, _ work: @escaping @Sendable () async throws -> Void
    ) -> Never {
        Task(executorPreference: group.loops[0]) {
            do {
                try await work()
                exit(ExitStatus.success.rawValue)
            } catch {
                let ending = Ending(of: error)
                console.complain(ending.text)
                exit(ending.status.rawValue)
            }
        }
        while true { pause() }
    }
}
