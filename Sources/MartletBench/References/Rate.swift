import Glibc

/// How fast a reference went, and what each operation cost.
struct Rate {
    /// Operations a second by the clock on the wall.
    let perSecond: Double
    /// Seconds of processor time for each operation: other programs on the machine hardly change it.
    let cost: Double

    init(operations: Int, seconds: Double, processorTime: Double) {
        perSecond = Double(operations) / max(seconds, 1e-9)
        cost = processorTime / Double(max(1, operations))
    }

    /// Works on this thread for so many seconds; each piece of work tells how many operations it was.
    static func ofThisThread(seconds: Double, _ work: () throws -> Int) rethrows -> Rate {
        let start = Monotonic.now
        let processorStart = processorTime(of: CLOCK_THREAD_CPUTIME_ID)
        let end = start + UInt64(seconds * 1e9)
        var operations = 0
        while Monotonic.now < end { operations += try work() }
        return Rate(
            operations: operations, seconds: Monotonic.seconds(since: start),
            processorTime: processorTime(of: CLOCK_THREAD_CPUTIME_ID) - processorStart)
    }

    /// Counts the processor time of the calling thread.
    static let threadClock = CLOCK_THREAD_CPUTIME_ID

    /// What a processor-time clock shows, in seconds.
    static func processorTime(of clock: clockid_t) -> Double {
        var time = timespec()
        guard clock_gettime(clock, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
