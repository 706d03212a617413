internal import CLinux
internal import Glibc
internal import Synchronization

/// Signals as something to wait for, instead of code that interrupts other code.
///
/// A handler that notes the number and rings a bell: not blocked signals read from a `signalfd`, because the main thread
/// of an asynchronous program sleeps with nothing blocked, and there the default action would end the process.
public enum Signals {
    /// Signals that arrived and nobody has taken: bit `n` is signal `n`.
    private static let pending = Atomic<UInt64>(0)
    /// Written by the handler, watched by whoever waits, never read: a loop sees each ring as an edge.
    private static let bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))

    /// From now on keeps these signals (numbers 1 to 63) from their default action, for `wait` to take.
    public static func intercept(_ signals: [Int32]) {
        // The handler must find both made: making them is not for a signal's context.
        _ = (bell, pending.load(ordering: .relaxed))
        for signal in signals where (1..<64).contains(signal) {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                let saved = errno
                Signals.pending.bitwiseOr(1 << UInt64(number), ordering: .sequentiallyConsistent)
                eventfd_write(Signals.bell, 1)
                errno = saved
            }
            action.sa_flags = SA_RESTART
            sigfillset(&action.sa_mask)
            sigaction(signal, &action, nil)
        }
    }

    /// Waits for the next of these signals and says which it was.
    ///
    /// One that came after `intercept` counts.
    ///
    /// - Throws: `CancellationError`, or `SystemError` if the kernel has no descriptor left.
    public static func wait(for signals: [Int32], on loop: EventLoop) async throws -> Int32 {
        intercept(signals)
        let waiting = Task(executorPreference: loop) { try await waitOnLoop(for: signals) }
        return try await withTaskCancellationHandler {
            try await waiting.value
        } onCancel: {
            waiting.cancel()
        }

        func waitOnLoop(for signals: [Int32]) async throws -> Int32 {
            // A descriptor of its own, as one loop may wait for several sets.
            let source = try DescriptorSource(try duplicateBell(), on: loop)
            defer {
                // The bell stays open under its own number, so closing alone would leave this one in the kernel's set.
                loop.unwatch(source.descriptor)
                source.close()
            }
            while true {
                if let signal = take(signals) { return signal }
                // A ring from now on is an edge that the loop sees only after this task has gone to sleep.
                source.markDrained(.read)
                guard await source.wait(.read, until: .never) == .ready else { throw CancellationError() }
            }
        }
    }

    private static func duplicateBell() throws(SystemError) -> Int32 {
        let descriptor = fcntl(bell, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { throw SystemError("fcntl") }
        return descriptor
    }

    /// Takes one of these signals off the pending ones.
    private static func take(_ signals: [Int32]) -> Int32? {
        signals.first { signal in
            let bit = UInt64(1) << UInt64(signal & 63)
            return pending.bitwiseAnd(~bit, ordering: .sequentiallyConsistent).oldValue & bit != 0
        }
    }
}
