import Reactor
import Stores

/// The connections of one event loop.
///
/// Writes have a connection each while they last, because commits are serial on a connection; reads share few in a
/// pipeline. While no server can be reached callers are told so at once, and the pool goes on trying. Confined to its
/// loop.
final class PostgreSQLPool {
    private let loop: EventLoop
    private let settings: PostgreSQLSettings
    private let reads = PostgreSQLLane(limit: 2, depth: 64)
    private let writes: PostgreSQLLane
    /// Why no server can be reached; nil while one can.
    private var outage: StorageError?
    private var failedAttempts = 0
    private var nextAttempt = Deadline.now
    private var alarm: Alarm?
    private var isClosing = false
    private var closers: [UnsafeContinuation<Void, Never>] = []

    /// How often a job is sent before its failure is reported.
    private static let attemptLimit = 8
    /// How often deadlines are looked at, in nanoseconds.
    private static let tick: UInt64 = 50_000_000

    init(on loop: EventLoop, _ settings: PostgreSQLSettings, writers: Int) {
        self.loop = loop
        self.settings = settings
        writes = PostgreSQLLane(limit: max(1, writers), depth: 1)
        alarm = Alarm(on: loop) { [weak self] in self?.look() }
    }

    // MARK: Jobs

    func submit(_ job: PostgreSQLJob) {
        if isClosing { return job.finish(.failure(.closed)) }
        if let outage { return job.finish(.failure(outage)) }
        let lane = job.isRead ? reads : writes
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

    private func dispatch(_ lane: PostgreSQLLane) {
        while let connection = lane.free, let job = lane.waiting.popFirst() {
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
        dispatch(lane)
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
            backOff()
            // A server that restarts refuses once and is there again: one more try, unless the first has taken long.
            let isFirst = failedAttempts == 1 && Deadline.now < began.advanced(byNanoseconds: 500_000_000)
            if !isFirst, reads.connections.isEmpty, writes.connections.isEmpty {
                outage = error
                for job in reads.waiting.takeAll() + writes.waiting.takeAll() { job.finish(.failure(error)) }
            }
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
        } catch {
            session.close()
            throw error
        }
    }

    /// Twice as long each time, up to a second, and never the same for two nodes.
    private func backOff() {
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
        for exchange in exchanges {
            // An answer that came from the server, not from the library, says that nothing has happened.
            let isRefused = exchange.failure.map { !$0.state.isEmpty } ?? false
            if exchange.job.isRead || isRefused || !exchange.isSealed {
                again(exchange.job, .unavailable(reason: reason))
            } else {
                exchange.job.finish(.failure(.outcomeUnknown))
            }
        }
        dispatch(lane)
        watch()
        endIfIdle()
    }

    // MARK: Time

    private var isBusy: Bool { reads.isBusy || writes.isBusy }

    /// Has the deadlines looked at while there are any.
    private func watch() {
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
        guard isClosing, !isBusy, reads.opening + writes.opening == 0 else { return }
        for lane in [reads, writes] {
            for connection in lane.connections { connection.close() }
            lane.connections = []
        }
        alarm?.release()
        alarm = nil
        for closer in closers { closer.resume() }
        closers = []
    }
}

@available(*, unavailable)
extension PostgreSQLPool: Sendable {}
