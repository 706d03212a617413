internal import CLinux
internal import Glibc

/// Signals as something to wait for, instead of code that interrupts other code.
public enum Signals {
    /// Keeps signals from their default action, so that `wait` gets them.
    ///
    /// To be called first thing in the program, by its first thread: threads made before would still be interrupted.
    public static func block(_ signals: [Int32]) {
        var set = set(of: signals)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits for the next of these signals, which must have been blocked, and says which it was.
    ///
    /// - Throws: `CancellationError`, or `SystemError` if the kernel has no descriptor left.
    public static func wait(for signals: [Int32], on loop: EventLoop) async throws -> Int32 {
        try await Task(executorPreference: loop) { try await waitOnLoop(for: signals, loop) }.cancellableValue
    }

    private static func waitOnLoop(for signals: [Int32], _ loop: EventLoop) async throws -> Int32 {
        var set = set(of: signals)
        let flags = Int32(SFD_NONBLOCK | SFD_CLOEXEC)
        let descriptor = signalfd(-1, &set, flags)
        guard descriptor >= 0 else { throw SystemError("signalfd") }
        let source = try DescriptorSource(descriptor, on: loop)
        defer { source.close() }
        while true {
            var information = signalfd_siginfo()
            let size = MemoryLayout<signalfd_siginfo>.size
            if read(descriptor, &information, size) == size { return Int32(bitPattern: information.ssi_signo) }
            source.markDrained(.read)
            guard await source.wait(.read, until: .never) == .ready else { throw CancellationError() }
        }
    }

    private static func set(of signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }
}

extension Task where Failure == any Error {
    /// The value; cancelling the caller cancels this task too.
    fileprivate var cancellableValue: Success {
        get async throws {
            try await withTaskCancellationHandler {
                try await value
            } onCancel: {
                cancel()
            }
        }
    }
}
