import Synchronization

/// Counts 1, 2, 3, … for any number of concurrent callers.
public final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    /// A counter that has not counted yet.
    public init() {}

    /// The next number.
    public func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
