internal import Glibc

/// Why a worker pool did not do a piece of work.
public enum WorkerPoolError: Error, Sendable, Hashable {
    /// Too much is waiting already.
    case full
    /// The pool is stopping or has stopped.
    case stopped
}

/// A fixed number of threads for work that blocks, with bounded queues: such work never runs on an event loop.
///
/// Work beyond the bound is refused at once, so that a flood of one kind (password hashes, say) cannot grow without
/// limit or slow anything else down.
public final class WorkerPool: Sendable {
    /// Which queue work waits in.
    ///
    /// Each has room of its own, and where work waits in both they are served in turn: a flood in one does not keep the
    /// other from the threads.
    public enum Lane: Sendable, CaseIterable {
        /// Where a flood is to be expected.
        case common
        /// Where it is not.
        case other
    }

    private struct State {
        var queues: [Lane: [WorkItem]] = [.common: [], .other: []]
        /// The lane that was served last.
        var last = Lane.other
        var running = 0
        var isStopping = false

        func waiting(in lane: Lane) -> Int { queues[lane]?.count ?? 0 }

        var waiting: Int { queues.values.reduce(0) { $0 + $1.count } }

        /// The next piece of work, of the lane whose turn it is.
        mutating func next() -> WorkItem? {
            let other: Lane = last == .common ? .other : .common
            let lane = waiting(in: other) > 0 ? other : last
            guard waiting(in: lane) > 0 else { return nil }
            last = lane
            return queues[lane]?.removeFirst()
        }
    }

    private let state = Locked(State())
    private let available = Semaphore()
    private let finished: ThreadEnd
    /// How many threads there are.
    public let threads: Int
    private let queueLimit: Int

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - name: the name that the threads get, cut to what the kernel takes.
    ///   - threads: at least 1.
    ///   - queueLimit: how many pieces of work may wait for a thread in a lane; those running do not count.
    ///   - priority: `background` where the threads are busy for long, and loops are not to wait for them.
    /// - Throws: when the kernel gives no thread.
    public init(
        name: String, threads: Int, queueLimit: Int, priority: ThreadPriority = .normal
    ) throws(SystemError) {
        self.threads = max(1, threads)
        self.queueLimit = max(0, queueLimit)
        finished = ThreadEnd(threads: self.threads)
        for index in 0..<self.threads {
            do {
                try startThread(name: "\(name)-\(index)", priority: priority) { [self] in serve() }
            } catch {
                for _ in index..<self.threads { finished.signal() }
                close()
                throw error
            }
        }
    }

    /// Pieces of work that wait for a thread.
    public var waiting: Int { state.withLock { $0.waiting } }

    /// Threads at work.
    public var busy: Int { state.withLock { $0.running } }

    /// Runs blocking work on one of the threads and waits for its result.
    ///
    /// - Throws: what `work` throws; `WorkerPoolError` if it was not begun; `CancellationError` if the task was
    ///   cancelled before a thread took it. Work that has begun is never cut off.
    public func run<Value: Sendable>(
        in lane: Lane = .common, _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let item = WorkItem()
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Value, any Error>) in
                item.begin { refusal in
                    if let refusal {
                        continuation.resume(throwing: refusal)
                    } else {
                        let result = Result { try work() }
                        // First: whoever has the result may have the next piece of work at once.
                        self.leave()
                        continuation.resume(with: result)
                    }
                }
                if let refusal = add(item, to: lane) { item.finish(refusal: refusal) }
            }
        } onCancel: {
            remove(item, from: lane)
            item.finish(refusal: CancellationError())
        }
    }

    /// Runs blocking work that nobody waits for; `work` learns when it was not begun, and then does nothing that blocks.
    package func submit(_ work: @escaping @Sendable (_ refusal: (any Error)?) -> Void) {
        let item = WorkItem()
        item.begin { refusal in
            work(refusal)
            if refusal == nil { self.leave() }
        }
        if let refusal = add(item, to: .common) { item.finish(refusal: refusal) }
    }

    /// Refuses new work and what waits, finishes what runs, and ends the threads.
    public func stop() async {
        close()
        await ended()
    }

    /// Waits until the threads have ended, whoever has them do so.
    package func ended() async { await finished.wait() }

    /// Refuses new work and what waits, and has the threads end once what runs is finished; waits for nothing.
    package func close() {
        let (orphans, isFirst) = state.withLock { state in
            defer {
                state.queues = [.common: [], .other: []]
                state.isStopping = true
            }
            return (state.queues.values.flatMap { $0 }, !state.isStopping)
        }
        for item in orphans { item.finish(refusal: WorkerPoolError.stopped) }
        guard isFirst else { return }
        for _ in 0..<threads { available.signal() }
    }

    private func add(_ item: WorkItem, to lane: Lane) -> WorkerPoolError? {
        let refusal: WorkerPoolError? = state.withLock { state in
            guard !state.isStopping else { return .stopped }
            // What a free thread is about to take does not wait.
            let others = state.waiting - state.waiting(in: lane)
            let free = max(0, threads - state.running - others)
            guard state.waiting(in: lane) < queueLimit + free else { return .full }
            state.queues[lane]?.append(item)
            return nil
        }
        if refusal == nil { available.signal() }
        return refusal
    }

    private func remove(_ item: WorkItem, from lane: Lane) {
        state.withLock { state in state.queues[lane]?.removeAll { $0 === item } }
    }

    /// A thread is free again, as far as new work is concerned.
    private func leave() {
        state.withLock { $0.running -= 1 }
    }

    private func serve() {
        while true {
            available.wait()
            let (item, isStopping): (WorkItem?, Bool) = state.withLock { state in
                guard let item = state.next() else { return (nil, state.isStopping) }
                state.running += 1
                return (item, state.isStopping)
            }
            if let item {
                // What was cancelled in between has not run, and so does not leave by itself.
                if !item.finish(refusal: nil) { leave() }
            } else if isStopping {
                break
            }
            // Neither: the task was cancelled between the signal and us.
        }
        finished.signal()
    }
}
