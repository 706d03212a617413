import Glibc

/// Moments of the clock that is never set, in nanoseconds.
enum Monotonic {
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    static func seconds(since start: UInt64) -> Double { Double(now - start) / 1e9 }

    static func sleep(seconds: Double) { usleep(UInt32(max(0, seconds * 1e6))) }

    /// Sleeps to a moment; returns at once if it is past.
    static func sleep(until moment: UInt64) {
        var time = timespec(tv_sec: Int(moment / 1_000_000_000), tv_nsec: Int(moment % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil) == EINTR {}
    }

    /// A deadline so many seconds ahead.
    static func after(seconds: Double) -> UInt64 { now + UInt64(seconds * 1e9) }
}
