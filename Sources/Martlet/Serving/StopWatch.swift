import Glibc
import Observability
import Reactor

/// Ends the process at once where a signal says so: before anything listens by the first, while it stops by the next.
///
/// Tasks of their own, which end with the process at the latest: whatever hangs, somebody listens to signals.
enum StopWatch {
    /// Runs what comes before the first listener; whoever stops the server then waits for nothing.
    static func whileStarting<Result>(
        on group: EventLoopGroup, _ level: LogLevel, _ work: () async throws -> Result
    ) async rethrows -> Result {
        let loop = loop(of: group)
        let watch = Task(executorPreference: loop) {
            guard let signal = try? await Signals.wait(for: Server.stopSignals, on: loop) else { return }
            let log = Log(level: level)
            log.info("server.stopping", .integer("signal", signal))
            log.close()
            // Without the handlers of `exit`: what is at work would meet what those have torn down.
            _exit(ExitStatus.success.rawValue)
        }
        defer { watch.cancel() }
        return try await work()
    }

    /// From now on so many signals end the process: somebody who asks again does not want to wait.
    static func endAtOnce(afterSignals count: Int, on group: EventLoopGroup) {
        let loop = loop(of: group)
        Task(executorPreference: loop) {
            for _ in 0..<count {
                guard (try? await Signals.wait(for: Server.stopSignals, on: loop)) != nil else { return }
            }
            _exit(ExitStatus.failure.rawValue)
        }
    }

    /// Waits for work to end, for so long at most; false if it goes on.
    static func finish(
        within limit: Duration, on loop: EventLoop, _ work: @escaping @Sendable () async -> Void
    ) async -> Bool {
        let (ends, end) = AsyncStream<Bool>.makeStream()
        Task(executorPreference: loop) {
            await work()
            end.yield(true)
        }
        let timing = Task(executorPreference: loop) {
            if (try? await loop.sleep(until: .after(limit))) != nil { end.yield(false) }
        }
        defer { timing.cancel() }
        for await isFinished in ends { return isFinished }
        return false
    }

    /// Not the one that the program itself runs on, where there is another.
    private static func loop(of group: EventLoopGroup) -> EventLoop { group.loops[group.loops.count - 1] }
}
