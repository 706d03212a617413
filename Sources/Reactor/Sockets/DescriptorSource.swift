internal import CLinux
internal import Glibc

/// A non-blocking descriptor in the loop's set: who waits for it, until when.
///
/// Edge triggered: the kernel says once that there is something to do, `isReady` remembers it until a call comes back
/// with nothing. Confined to the loop; at most one task waits in each direction.
final class DescriptorSource: LoopEntry {
    enum Direction {
        case read, write
    }

    enum Outcome {
        case ready, timedOut, cancelled, closed
    }

    private struct Side {
        var isReady = true
        var deadline = Deadline.never
        var waiter: UnsafeContinuation<Outcome, Never>?

        mutating func end(_ outcome: Outcome) {
            let waiter = waiter
            self.waiter = nil
            waiter?.resume(returning: outcome)
        }
    }

    let loop: EventLoop
    private(set) var descriptor: Int32
    private var reader = Side()
    private var writer = Side()
    /// The other side has sent its last byte or is gone: from now on reading always has an answer, and a short read does
    /// not mean that nothing is left to learn.
    private(set) var isPeerDone = false

    /// Takes over the descriptor: it is closed with the source, or at once on failure.
    init(_ descriptor: Int32, on loop: EventLoop) throws(SystemError) {
        assert(loop.isCurrent)
        self.loop = loop
        self.descriptor = descriptor
        super.init()
        loop.entries.insert(self)
        let events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        do {
            try loop.watch(descriptor, for: events, token: token)
        } catch {
            close()
            throw error
        }
    }

    var isOpen: Bool { descriptor >= 0 }
    /// Whether a task waits to read.
    var hasReader: Bool { reader.waiter != nil }

    func isReady(_ direction: Direction) -> Bool {
        direction == .read ? reader.isReady : writer.isReady
    }

    /// A call came back with nothing, or with less than was asked for.
    func markDrained(_ direction: Direction) {
        switch direction {
        case .read: reader.isReady = isPeerDone
        case .write: writer.isReady = false
        }
    }

    /// Waits until the kernel reports readiness.
    func wait(_ direction: Direction, until deadline: Deadline) async -> Outcome {
        precondition(loop.isCurrent, "a descriptor belongs to the thread of its loop")
        let (loop, token) = (loop, token)
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { park($0, direction, until: deadline) }
        } onCancel: {
            // Always later, even when already on the loop: the task may not be parked yet.
            loop.execute { (loop.entries[token] as? DescriptorSource)?.wake(.cancelled) }
        }
    }

    private func park(
        _ continuation: UnsafeContinuation<Outcome, Never>,
        _ direction: Direction,
        until deadline: Deadline
    ) {
        guard isOpen else { return continuation.resume(returning: .closed) }
        guard !isReady(direction) else { return continuation.resume(returning: .ready) }
        switch direction {
        case .read:
            assert(reader.waiter == nil)
            reader.waiter = continuation
            reader.deadline = deadline
        case .write:
            assert(writer.waiter == nil)
            writer.waiter = continuation
            writer.deadline = deadline
        }
        loop.arm(self, at: deadline)
    }

    /// Ends all waits.
    func wake(_ outcome: Outcome) {
        reader.end(outcome)
        writer.end(outcome)
    }

    override func eventsArrived(_ events: UInt32) {
        let broken = EPOLLHUP.rawValue | EPOLLERR.rawValue
        if events & (broken | EPOLLRDHUP.rawValue) != 0 { isPeerDone = true }
        if events & (broken | EPOLLRDHUP.rawValue | EPOLLIN.rawValue) != 0 {
            reader.isReady = true
            reader.end(.ready)
        }
        if events & (broken | EPOLLOUT.rawValue) != 0 {
            writer.isReady = true
            writer.end(.ready)
        }
    }

    override func timerFired(at now: UInt64, on loop: EventLoop) {
        if reader.waiter != nil, reader.deadline.nanoseconds <= now { reader.end(.timedOut) }
        if writer.waiter != nil, writer.deadline.nanoseconds <= now { writer.end(.timedOut) }
        if reader.waiter != nil { loop.arm(self, at: reader.deadline) }
        if writer.waiter != nil { loop.arm(self, at: writer.deadline) }
    }

    /// Closes the descriptor and ends all waits.
    ///
    /// Closing takes it out of the kernel's set as well.
    func close() {
        guard isOpen else { return }
        loop.entries.remove(token)
        Glibc.close(descriptor)
        descriptor = -1
        wake(.closed)
    }
}
