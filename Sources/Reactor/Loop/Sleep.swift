internal import Synchronization

extension EventLoop {
    /// Waits on this loop's timers until the deadline; from any task.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(until deadline: Deadline) async throws {
        let sleeper = SleepState()
        let isCancelled = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                onLoop { loop in loop.add(sleeper, until: deadline, continuation) }
            }
        } onCancel: {
            // The flag first: whichever of the two calls reaches the loop last sees it or finds the sleeper there.
            sleeper.isCancelled.store(true, ordering: .releasing)
            onLoop { loop in loop.wake(sleeper) }
        }
        if isCancelled { throw CancellationError() }
    }

    private func onLoop(_ body: @escaping @Sendable (EventLoop) -> Void) {
        if isCurrent {
            body(self)
        } else {
            execute { [self] in body(self) }
        }
    }

    private func add(_ state: SleepState, until deadline: Deadline, _ continuation: UnsafeContinuation<Bool, Never>) {
        guard !state.isCancelled.load(ordering: .acquiring) else { return continuation.resume(returning: true) }
        let sleeper = Sleeper(continuation)
        entries.insert(sleeper)
        state.token.store(sleeper.token.raw, ordering: .relaxed)
        arm(sleeper, at: deadline)
    }

    private func wake(_ state: SleepState) {
        let token = LoopToken(raw: state.token.load(ordering: .relaxed))
        guard let sleeper = entries[token] as? Sleeper else { return }
        sleeper.end(isCancelled: true, on: self)
    }
}

/// What the sleeping task and its canceller share.
private final class SleepState: Sendable {
    let isCancelled = Atomic(false)
    let token = Atomic(UInt64.max)
}

/// A task that waits for a moment.
private final class Sleeper: LoopEntry {
    private let continuation: UnsafeContinuation<Bool, Never>

    init(_ continuation: UnsafeContinuation<Bool, Never>) {
        self.continuation = continuation
    }

    override func timerFired(at now: UInt64, on loop: EventLoop) {
        end(isCancelled: false, on: loop)
    }

    /// Being in the table is the right to resume: removal makes it happen once.
    func end(isCancelled: Bool, on loop: EventLoop) {
        loop.entries.remove(token)
        continuation.resume(returning: isCancelled)
    }
}
