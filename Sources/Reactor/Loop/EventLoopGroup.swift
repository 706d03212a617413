internal import CLinux
internal import Glibc

/// The loops of a process, one per core.
public final class EventLoopGroup: Sendable {
    /// The loops, at least one.
    public let loops: [EventLoop]

    /// Starts this many loops; one per core that the process may use if not told.
    ///
    /// - Throws: when the kernel gives no thread or descriptor.
    public init(count: Int? = nil) throws(SystemError) {
        Self.ignoreBrokenPipes
        var loops: [EventLoop] = []
        for index in 0..<max(1, count ?? Self.availableCores) {
            loops.append(try EventLoop(index: index))
        }
        self.loops = loops
    }

    /// Ends the threads and waits for them.
    ///
    /// All tasks of the loops must have ended; not to be called from one of them.
    public func stop() async {
        for loop in loops { loop.stop() }
        for loop in loops { await loop.waitUntilStopped() }
    }

    /// Cores in the affinity mask of the process, which is what `taskset` and container pinning change.
    package static var availableCores: Int {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 128) { mask in
            mask.initialize(repeating: 0)
            let size = sched_getaffinity(0, mask.count * 8, mask.baseAddress)
            return size < 0 ? 1 : mask.reduce(0) { $0 + $1.nonzeroBitCount }
        }
    }

    /// A peer that closed early must be an error of one write, not the end of the process.
    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
