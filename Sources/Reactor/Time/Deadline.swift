internal import Glibc

/// A point of the monotonic clock by which something must have happened.
///
/// One machine word, so that moving a deadline on every request costs nothing. Not wall time: it does not jump.
public struct Deadline: Sendable, Hashable, Comparable {
    /// Nanoseconds of `CLOCK_MONOTONIC`.
    public let nanoseconds: UInt64

    /// A point of the clock in nanoseconds.
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// No deadline.
    public static let never = Deadline(nanoseconds: .max)

    /// The present moment.
    ///
    /// Asks the kernel's clock; on a loop prefer `EventLoop.now`.
    public static var now: Deadline {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Deadline(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    /// A moment so long after the present one.
    public static func after(_ duration: Duration) -> Deadline {
        now.advanced(byNanoseconds: nanoseconds(of: duration))
    }

    /// The moment so many nanoseconds later; stops at `never`.
    public func advanced(byNanoseconds count: UInt64) -> Deadline {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(count)
        return Deadline(nanoseconds: overflow ? .max : sum)
    }

    /// A duration in whole nanoseconds: 0 if negative, the largest number if too long.
    public static func nanoseconds(of duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, more) = whole.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
        return overflow || more ? .max : sum
    }

    /// The earlier one is less.
    public static func < (left: Deadline, right: Deadline) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
