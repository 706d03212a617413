internal import CLinux
internal import Glibc

/// One thread that waits in `epoll`, and the executor of the tasks whose sockets it owns.
///
/// A task made with `Task(executorPreference: loop)` runs on this thread alone, so what belongs to a connection needs no
/// lock. Jobs made on the thread itself go to a plain array; jobs from elsewhere to a locked one, with at most one
/// wake-up for a whole burst of them.
///
/// Stop a loop only when its tasks have ended: a task enqueued later never runs.
public final class EventLoop: TaskExecutor, SerialExecutor, Sendable {
    /// What other threads hand over, under the lock.
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var calls: [@Sendable () -> Void] = []
        /// The loop is about to wait, or waits, and nobody has woken it yet.
        var isAsleep = false
        var isStopping = false
        /// The thread has ended; its descriptors are closed.
        var isOver = false
    }

    /// The place of this loop in its group.
    public let index: Int
    let poll: Int32
    private let bell: Int32
    private let inbox = Locked(Inbox())
    private let finished = ThreadEnd()

    // Confined to the thread of the loop: `run()` and what it calls touch these, and nothing else does. Every entrance
    // from another thread goes through `inbox`. That is the proof for each `nonisolated(unsafe)` below.
    nonisolated(unsafe) var entries = LoopEntryTable()
    nonisolated(unsafe) var timers = TimerHeap()
    private nonisolated(unsafe) var jobs: [UnownedJob] = []
    /// Jobs whose turn it is; those before `nextJob` are over.
    private nonisolated(unsafe) var running: [UnownedJob] = []
    private nonisolated(unsafe) var nextJob = 0
    private nonisolated(unsafe) var handedOver: [UnownedJob] = []
    private nonisolated(unsafe) var calls: [@Sendable () -> Void] = []
    /// Tasks that let one turn of the loop pass.
    private nonisolated(unsafe) var passing: [UnsafeContinuation<Void, Never>] = []
    private nonisolated(unsafe) var time = Deadline.now
    private nonisolated(unsafe) var timeCaughtUp = Deadline.now
    /// Memory lent for the length of one synchronous read; its content means nothing afterwards.
    nonisolated(unsafe) let scratch: UnsafeMutableRawBufferPointer

    /// Bytes of `scratch`.
    static let scratchSize = 64 * 1024
    /// How long jobs are run before the next look at the sockets, in nanoseconds.
    private static let turn: UInt64 = 1_000_000
    /// How many times the time of a look belongs to jobs after it: or else a crowd that asks again as soon as it is
    /// refused would keep the loop from all other work.
    private static let share: UInt64 = 2
    /// A look that took longer, in nanoseconds, says that the machine was busy elsewhere.
    private static let longestLook: UInt64 = 5_000_000
    /// Jobs run between two looks at the clock.
    private static let jobsPerGlance = 8

    /// Starts a loop with its thread.
    init(index: Int) throws(SystemError) {
        self.index = index
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poll >= 0 else { throw SystemError("epoll_create1") }
        bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        scratch = .allocate(byteCount: Self.scratchSize, alignment: 64)
        guard bell >= 0 else { throw SystemError("eventfd") }
        // Edge triggered: each ring is one event, and the counter is never read.
        try watch(bell, for: EPOLLIN.rawValue | EPOLLET.rawValue, token: Self.bellToken)
        try startThread(name: "loop-\(index)") { [self] in run() }
    }

    deinit {
        scratch.deallocate()
    }

    private static let bellToken = LoopToken(raw: .max)

    // MARK: Which loop runs

    /// The loop whose thread this is.
    public static var current: EventLoop? {
        guard let pointer = pthread_getspecific(currentKey) else { return nil }
        return Unmanaged<EventLoop>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Whether the caller runs on this loop.
    public var isCurrent: Bool {
        pthread_getspecific(Self.currentKey) == UnsafeMutableRawPointer(Unmanaged.passUnretained(self).toOpaque())
    }

    private static let currentKey: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// The time when the loop last woke; to be asked on the loop.
    ///
    /// Good enough for deadlines, and free.
    public var now: Deadline {
        assert(isCurrent)
        return time
    }

    /// The time when the loop last woke with nothing left to do from before; to be asked on the loop.
    ///
    /// The longer ago, the longer waits whatever is new.
    public var caughtUp: Deadline {
        assert(isCurrent)
        return timeCaughtUp
    }

    // MARK: Work from anywhere

    /// Takes a job of a task that prefers this loop, or of an actor that lives on it.
    ///
    /// Both run in the role of a task: then the runtime enters an idle actor without a hop. An actor of this loop pays
    /// one hop more for that, and is as safe: all is one thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            jobs.append(job)
        } else {
            deliver { $0.jobs.append(job) }
        }
    }

    /// Stops the program if the caller, which claims to be isolated to an actor of this loop, runs elsewhere.
    public func checkIsolated() {
        precondition(isCurrent, "not on event loop \(index)")
    }

    /// Whether the caller runs where the actors of this loop do.
    public func isIsolatingCurrentContext() -> Bool? {
        isCurrent
    }

    /// Calls `body` on the loop, later; from anywhere.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        if isCurrent {
            calls.append(body)
        } else {
            deliver { $0.calls.append(body) }
        }
    }

    private func deliver(_ put: (inout sending Inbox) -> Void) {
        let mustRing = inbox.withLock { inbox in
            guard !inbox.isOver else { return false }
            put(&inbox)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        if mustRing { eventfd_write(bell, 1) }
    }

    /// Asks the thread to end once nothing is left to run.
    ///
    /// Returns at once.
    func stop() {
        deliver { $0.isStopping = true }
    }

    /// Waits for the end of the thread.
    func waitUntilStopped() async {
        await finished.wait()
    }

    /// Lets all others have their turn: what is queued, and what the sockets have for tasks that wait.
    ///
    /// To be called on the loop. `Task.yield()` lets only what is queued go first, and a task that yields again and
    /// again would come back many times before the loop looks at a socket.
    public func letOthersRun() async {
        assert(isCurrent)
        await withUnsafeContinuation { passing.append($0) }
    }

    // MARK: The thread

    private func run() {
        pthread_setspecific(Self.currentKey, Unmanaged.passUnretained(self).toOpaque())
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 512) { events in
            while true {
                runJobs()
                let isBehind = hasWork
                let isStopping = collect()
                if isIdle && isStopping { break }
                waitForEvents(into: events, isBehind: isBehind)
                resumePassing()
            }
        }
        close(bell)
        close(poll)
        finished.signal()
    }

    /// Runs what is queued, and what that queues, until the time of a turn is over.
    ///
    /// By time, not by number: a thousand answers of a database in a row would keep the sockets waiting for as long as
    /// all of them take. Calls get their turn when all jobs have had theirs that began theirs together.
    private func runJobs() {
        let start = Deadline.now
        let look = min(start.nanoseconds - min(time.nanoseconds, start.nanoseconds), Self.longestLook)
        let end = start.advanced(byNanoseconds: max(Self.turn, Self.share * look))
        let executor = asUnownedTaskExecutor()
        repeat {
            if running.isEmpty { swap(&jobs, &running) }
            let stop = min(nextJob + Self.jobsPerGlance, running.count)
            while nextJob < stop {
                let job = running[nextJob]
                nextJob += 1
                job.runSynchronously(on: executor)
            }
            guard nextJob == running.count else { continue }
            running.removeAll(keepingCapacity: running.capacity <= 4096)
            nextJob = 0
            guard !calls.isEmpty else { continue }
            let due = calls
            calls = []
            for call in due { call() }
        } while hasWork && .now < end
    }

    /// Takes in what other threads handed over.
    ///
    /// True if the loop shall end.
    private func collect() -> Bool {
        // The two arrays change places, so that a steady stream of wake-ups allocates nothing.
        let isStopping = inbox.withLock { inbox in
            let isEmpty = inbox.jobs.isEmpty && inbox.calls.isEmpty
            inbox.isAsleep = isEmpty && isIdle && !inbox.isStopping
            inbox.isOver = isEmpty && isIdle && inbox.isStopping
            if !inbox.jobs.isEmpty { swap(&inbox.jobs, &handedOver) }
            if !inbox.calls.isEmpty {
                calls += inbox.calls
                inbox.calls = []
            }
            return inbox.isStopping
        }
        jobs += handedOver
        handedOver.removeAll(keepingCapacity: true)
        return isStopping
    }

    private var hasWork: Bool { !(running.isEmpty && jobs.isEmpty && calls.isEmpty) }
    private var isIdle: Bool { !hasWork && passing.isEmpty }

    private func resumePassing() {
        guard !passing.isEmpty else { return }
        let due = passing
        passing = []
        for task in due { task.resume() }
    }

    private func waitForEvents(into events: UnsafeMutableBufferPointer<epoll_event>, isBehind: Bool) {
        let count = epoll_wait(poll, events.baseAddress, Int32(events.count), isIdle ? millisecondsToNextTimer() : 0)
        time = .now
        if !isBehind { timeCaughtUp = time }
        for index in 0..<max(0, Int(count)) {
            let event = events[index]
            let token = LoopToken(raw: event.data.u64)
            // An entry closed earlier in this batch is no longer in the table.
            if token != Self.bellToken, let entry = entries[token] { entry.eventsArrived(event.events) }
        }
        fireTimers()
    }

    private func millisecondsToNextTimer() -> Int32 {
        let first = timers.first
        guard first != .max else { return -1 }
        let present = Deadline.now.nanoseconds
        guard first > present else { return 0 }
        return Int32(clamping: (first - present) / 1_000_000 + 1)
    }

    private func fireTimers() {
        let now = time.nanoseconds
        while let element = timers.pop(by: now) {
            guard let entry = entries[element.token], entry.armedAt == element.time else { continue }
            entry.armedAt = .max
            entry.timerFired(at: now, on: self)
        }
    }
}
