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

    /// Who is told when something happens in one direction: once, then nobody.
    private enum Waiter {
        case nobody
        case task(UnsafeContinuation<Outcome, Never>)
        case call((Outcome) -> Void)
    }

    private struct Side {
        var isReady = true
        var deadline = Deadline.never
        var waiter = Waiter.nobody

        var isAwaited: Bool {
            if case .nobody = waiter { false } else { true }
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

    /// Set while a scope around the waits handles cancellation for all of them.
    var isCancellationHandledOutside = false
    private var isCancelled = false

    var isOpen: Bool { descriptor >= 0 }

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
        if isCancellationHandledOutside {
            return await withUnsafeContinuation { park(.task($0), direction, until: deadline) }
        }
        let (loop, token) = (loop, token)
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { park(.task($0), direction, until: deadline) }
        } onCancel: {
            // Always later, even when already on the loop: the task may not be parked yet.
            loop.execute { (loop.entries[token] as? DescriptorSource)?.wake(.cancelled) }
        }
    }

    /// Calls `body` once when a direction is ready, or will not be: without a task that waits.
    func call(when direction: Direction, until deadline: Deadline, _ body: @escaping (Outcome) -> Void) {
        park(.call(body), direction, until: deadline)
    }

    private func park(_ waiter: Waiter, _ direction: Direction, until deadline: Deadline) {
        if !isOpen { return Self.tell(waiter, .closed) }
        if isCancelled { return Self.tell(waiter, .cancelled) }
        if isReady(direction) { return Self.tell(waiter, .ready) }
        switch direction {
        case .read:
            assert(!reader.isAwaited)
            reader.waiter = waiter
            reader.deadline = deadline
        case .write:
            assert(!writer.isAwaited)
            writer.waiter = waiter
            writer.deadline = deadline
        }
        loop.arm(self, at: deadline)
    }

    private static func tell(_ waiter: Waiter, _ outcome: Outcome) {
        switch waiter {
        case .nobody: return
        case .task(let continuation): continuation.resume(returning: outcome)
        case .call(let body): body(outcome)
        }
    }

    /// Ends the wait in one direction.
    ///
    /// The place is free before the waiter is told: it may wait again at once.
    private func end(_ direction: Direction, _ outcome: Outcome) {
        var waiter = Waiter.nobody
        switch direction {
        case .read: swap(&waiter, &reader.waiter)
        case .write: swap(&waiter, &writer.waiter)
        }
        Self.tell(waiter, outcome)
    }

    /// Ends all waits.
    func wake(_ outcome: Outcome) {
        end(.read, outcome)
        end(.write, outcome)
    }

    /// Ends all waits, those to come included.
    func cancel() {
        isCancelled = true
        wake(.cancelled)
    }

    override func eventsArrived(_ events: UInt32) {
        let broken = EPOLLHUP.rawValue | EPOLLERR.rawValue
        if events & (broken | EPOLLRDHUP.rawValue) != 0 { isPeerDone = true }
        if events & (broken | EPOLLRDHUP.rawValue | EPOLLIN.rawValue) != 0 {
            reader.isReady = true
            end(.read, .ready)
        }
        if events & (broken | EPOLLOUT.rawValue) != 0 {
            writer.isReady = true
            end(.write, .ready)
        }
    }

    override func timerFired(at now: UInt64, on loop: EventLoop) {
        if reader.isAwaited, reader.deadline.nanoseconds <= now { end(.read, .timedOut) }
        if writer.isAwaited, writer.deadline.nanoseconds <= now { end(.write, .timedOut) }
        if reader.isAwaited { loop.arm(self, at: reader.deadline) }
        if writer.isAwaited { loop.arm(self, at: writer.deadline) }
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
