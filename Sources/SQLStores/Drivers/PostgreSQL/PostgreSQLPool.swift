import Reactor
import Stores

/// The connections of one event loop.
///
/// Writes have a connection each while they last, because commits are serial on a connection; reads share few in a
/// pipeline. Where the server refuses connections, what there is serves all: reads and writes share them a job at a
/// time, and a pool without any hands its jobs to a neighbour. While no server can be reached callers are told so at
/// once, and the pool goes on trying. Confined to its loop.
final class PostgreSQLPool {
    private let loop: EventLoop
    private let settings: PostgreSQLSettings
    private let neighbours: PostgreSQLNeighbours
    private let reads = PostgreSQLLane(limit: 2, depth: 64)
    private let writes: PostgreSQLLane
    private let counts: (reads: PostgreSQLLaneCount, writes: PostgreSQLLaneCount)
    /// Why no server can be reached; nil while one can.
    private var outage: StorageError?
    private var failedAttempts = 0
    private var lastFailure = Deadline(nanoseconds: 0)
    private var nextAttempt = Deadline.now
    private var alarm: Alarm?
    private var isClosing = false
    private var closers: [UnsafeContinuation<Void, Never>] = []

    /// How often a job is sent before its failure is reported.
    private static let attemptLimit = 8
    /// How often deadlines are looked at, in nanoseconds.
    private static let tick: UInt64 = 50_000_000

    init(
        on loop: EventLoop, _ settings: PostgreSQLSettings, writers: Int,
        counts: (reads: PostgreSQLLaneCount, writes: PostgreSQLLaneCount), among neighbours: PostgreSQLNeighbours
    ) {
        self.counts = counts
        self.loop = loop
        self.settings = settings
        self.neighbours = neighbours
        writes = PostgreSQLLane(limit: max(1, writers), depth: 1)
        alarm = Alarm(on: loop) { [weak self] in self?.look() }
        neighbours.join(LoopBound(self, to: loop), at: loop.index)
    }

    // MARK: Jobs

    func submit(_ job: PostgreSQLJob) {
        if isClosing { return job.finish(.failure(.closed)) }
        let lane = job.isRead ? reads : writes
        if isBereft, handOver(job) {
            if reads.opening + writes.opening == 0, Deadline.now >= nextAttempt { open(lane) }
            return
        }
        if let outage { return job.finish(.failure(outage)) }
        guard lane.takes(job) else { return job.finish(.failure(.busy)) }
        lane.waiting.append(job)
        dispatch(lane)
        watch()
    }

    /// Finishes what was accepted, then closes every connection.
    func close(_ continuation: UnsafeContinuation<Void, Never>) {
        isClosing = true
        closers.append(continuation)
        endIfIdle()
    }

    /// Nothing to work with, and the last attempt to get it failed.
    private var isBereft: Bool { failedAttempts > 0 && reads.connections.isEmpty && writes.connections.isEmpty }

    /// Gives a job to a pool that has connections; false where there is none, or it has been to all of them.
    private func handOver(_ job: PostgreSQLJob) -> Bool {
        guard job.hops < neighbours.count, let neighbour = neighbours.best(but: loop.index) else { return false }
        var job = job
        job.hops += 1
        neighbour.run { [job] in $0.submit(job) }
        return true
    }

    /// The other lane's jobs have waited for those of this one, if they share connections.
    private func dispatch(after job: PostgreSQLJob) {
        dispatch(job.isRead ? writes : reads)
        dispatch(job.isRead ? reads : writes)
    }

    private func connection(for lane: PostgreSQLLane) -> PostgreSQLConnection? {
        guard failedAttempts > 0 else { return lane.free }
        let other = lane === reads ? writes : reads
        if lane.connections.isEmpty { return other.idle }
        return other.connections.isEmpty && !other.waiting.isEmpty ? lane.idle : lane.free
    }

    private func dispatch(_ lane: PostgreSQLLane) {
        while !lane.waiting.isEmpty, let connection = connection(for: lane), let job = lane.waiting.popFirst() {
            // What has waited too long is not sent: a healthy connection would be given up for its sake.
            if Deadline.now < job.latestStart { connection.send(job) } else { job.finish(.failure(.busy)) }
        }
        while lane.wantsMore, Deadline.now >= nextAttempt { open(lane) }
    }

    private func finished(_ exchange: PostgreSQLExchange, _ lane: PostgreSQLLane, _ connection: PostgreSQLConnection) {
        if exchange.isSkipped {
            var job = exchange.job
            job.isAlone = true
            again(job, .busy)
        } else if let failure = exchange.failure {
            switch failure.remedy {
            case .report: exchange.job.finish(.failure(failure.error))
            case .runAgain: again(exchange.job, failure.error)
            case .useAnother:
                retire(connection, of: lane, reason: "\(failure.error)")
                again(exchange.job, failure.error)
            }
        } else if exchange.isDoubtful, !exchange.job.isRead {
            exchange.job.finish(.failure(.outcomeUnknown))
        } else {
            exchange.job.finish(.success(exchange.answers))
        }
        dispatch(after: exchange.job)
        endIfIdle()
    }

    /// Sends a job once more: it is certain that nothing of it has happened.
    private func again(_ job: PostgreSQLJob, _ error: StorageError) {
        var job = job
        job.attempts += 1
        guard job.attempts < PostgreSQLPool.attemptLimit, Deadline.now < job.deadline, outage == nil else {
            return job.finish(.failure(outage ?? error))
        }
        (job.isRead ? reads : writes).waiting.append(job)
    }

    // MARK: Connections

    private func open(_ lane: PostgreSQLLane) {
        lane.opening += 1
        let here = LoopBound((pool: self, lane: lane), to: loop)
        let began = Deadline.now
        PostgreSQLConnector.connect(settings) { result in
            here.run { $0.pool.opened(result, for: $0.lane, since: began) }
        }
    }

    private func opened(
        _ result: Result<PostgreSQLSession, StorageError>, for lane: PostgreSQLLane, since began: Deadline
    ) {
        lane.opening -= 1
        let made = result.flatMap { session in
            Result { () throws(StorageError) in try adopt(session, for: lane) }
        }
        switch made {
        case .success:
            failedAttempts = 0
            outage = nil
            dispatch(reads)
            dispatch(writes)
            endIfIdle()
        case .failure(let error):
            backOff(since: began)
            // A server that restarts refuses and is there again, and one that gives out few connections may be about to
            // give one to somebody else: a few more tries, unless this one has taken long.
            let isEarly = failedAttempts < 4 && Deadline.now < began.advanced(byNanoseconds: 500_000_000)
            let isAlone = neighbours.best(but: loop.index) == nil
            // Whoever is still at the door may get the one connection there is.
            let isLast = reads.opening + writes.opening == 0
            if isBereft, isLast, !isEarly || !isAlone {
                outage = isAlone ? error : nil
                for job in reads.waiting.takeAll() + writes.waiting.takeAll() where !handOver(job) {
                    job.finish(.failure(error))
                }
            }
            dispatch(reads)
            dispatch(writes)
            watch()
            endIfIdle()
        }
    }

    private func adopt(_ session: PostgreSQLSession, for lane: PostgreSQLLane) throws(StorageError) {
        // What was accepted before the end still needs it.
        guard !isClosing || !lane.waiting.isEmpty else { return session.close() }
        let events = PostgreSQLConnection.Events(
            finished: { [weak self, weak lane] exchange, connection in
                guard let self, let lane else { return }
                finished(exchange, lane, connection)
            },
            lost: { [weak self, weak lane] connection, exchanges, reason in
                guard let self, let lane else { return }
                lost(connection, exchanges, reason, of: lane)
            }
        )
        do throws(StorageError) {
            lane.connections.append(try PostgreSQLConnection(session, on: loop, events))
            countConnections()
        } catch {
            session.close()
            throw error
        }
    }

    private func countConnections() {
        neighbours.note(reads.connections.count + writes.connections.count, at: loop.index)
    }

    /// Twice as long each time, up to a second, and never the same for two nodes.
    ///
    /// Attempts that were under way at the same time count as one.
    private func backOff(since began: Deadline) {
        guard began >= lastFailure else { return }
        lastFailure = .now
        let longest = min(1_000_000_000, 50_000_000 << UInt64(min(failedAttempts, 8))) as UInt64
        failedAttempts += 1
        nextAttempt = Deadline.now.advanced(byNanoseconds: UInt64.random(in: longest / 2...longest))
    }

    private func retire(_ connection: PostgreSQLConnection, of lane: PostgreSQLLane, reason: String) {
        let exchanges = connection.close()
        lost(connection, exchanges, reason, of: lane)
    }

    private func lost(
        _ connection: PostgreSQLConnection, _ exchanges: [PostgreSQLExchange], _ reason: String,
        of lane: PostgreSQLLane
    ) {
        lane.connections.removeAll { $0 === connection }
        countConnections()
        for exchange in exchanges {
            // An answer that came from the server, not from the library, says that nothing has happened.
            let isRefused = exchange.failure.map { !$0.state.isEmpty } ?? false
            if exchange.isCommitted, !exchange.isDoubtful {
                exchange.job.finish(.success(exchange.answers))
            } else if exchange.job.isRead || isRefused || !exchange.isSealed {
                again(exchange.job, .unavailable(reason: reason))
            } else {
                exchange.job.finish(.failure(.outcomeUnknown))
            }
        }
        dispatch(reads)
        dispatch(writes)
        watch()
        endIfIdle()
    }

    /// Lets other threads see how busy the lanes are; at the end of all that changes it.
    private func showCounts() {
        counts.reads.note(reads)
        counts.writes.note(writes)
    }

    // MARK: Time

    private var isBusy: Bool { reads.isBusy || writes.isBusy }

    /// Has the deadlines looked at while there are any.
    private func watch() {
        showCounts()
        guard let alarm, alarm.moment == .never, isBusy || outage != nil else { return }
        alarm.moment = Deadline.now.advanced(byNanoseconds: PostgreSQLPool.tick)
    }

    private func look() {
        let now = Deadline.now
        for lane in [reads, writes] {
            while let job = lane.waiting.first, job.deadline <= now {
                _ = lane.waiting.popFirst()
                job.finish(.failure(.busy))
            }
            for connection in lane.connections {
                guard let exchange = connection.first, exchange.job.deadline <= now else { continue }
                giveUp(connection, exchange, of: lane)
            }
            dispatch(lane)
        }
        if outage != nil, reads.opening + writes.opening == 0, now >= nextAttempt, !isClosing { open(writes) }
        watch()
        endIfIdle()
    }

    /// A deadline has passed: the connection goes, and with it every idle one, which may lead to the same silent server.
    ///
    /// What may be committing is never cancelled: a commit that waits for its standby would become visible here, and to
    /// the caller who asks again, though the standby lacks it. It stays locked until the server decides.
    private func giveUp(_ connection: PostgreSQLConnection, _ exchange: PostgreSQLExchange, of lane: PostgreSQLLane) {
        if exchange.job.isRead || !exchange.isSealed, let cancellation = connection.makeCancellation() {
            PostgreSQLConnector.run(cancellation)
        }
        let reason = "no answer within \(settings.timeout)"
        // The idle ones first, or else what is sent again would go to them.
        for lane in [reads, writes] {
            for idle in lane.connections where idle.load == 0 { idle.close() }
            lane.connections.removeAll { !$0.isOpen }
        }
        retire(connection, of: lane, reason: reason)
    }

    private func endIfIdle() {
        showCounts()
        guard isClosing, !isBusy, reads.opening + writes.opening == 0 else { return }
        for lane in [reads, writes] {
            for connection in lane.connections { connection.close() }
            lane.connections = []
        }
        showCounts()
        neighbours.leave(loop.index)
        alarm?.release()
        alarm = nil
        for closer in closers { closer.resume() }
        closers = []
    }
}

@available(*, unavailable)
extension PostgreSQLPool: Sendable {}
