import Synchronization

/// Something that tasks wait for and a thread lets go on.
public final class Gate: Sendable {
    private let isOpen = Mutex(false)

    /// A closed one.
    public init() {}

    /// Lets everybody go on.
    public func open() { isOpen.withLock { $0 = true } }

    /// Waits, or throws as soon as the task is cancelled.
    public func wait() async throws {
        while !isOpen.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
    }
}
