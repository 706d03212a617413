internal import Glibc

/// Where a verifier gets the time from: the machine in a service, a fixed one in tests.
public protocol VerifierClock: Sendable {
    /// The wall clock, in seconds since 1970: what `exp` is compared with.
    var seconds: Int64 { get }
    /// How long it is since some moment; never jumps.
    ///
    /// The age of a key set is counted by it.
    var elapsed: Duration { get }
    /// Waits.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The clocks of this machine.
public struct SystemVerifierClock: VerifierClock {
    /// The clocks of this machine.
    public init() {}

    /// The wall clock.
    public var seconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }

    /// Since the machine started, sleep included: keys grow old in it too.
    public var elapsed: Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Duration(secondsComponent: Int64(time.tv_sec), attosecondsComponent: Int64(time.tv_nsec) * 1_000_000_000)
    }

    /// Waits by the clock of Swift's runtime.
    public func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}
