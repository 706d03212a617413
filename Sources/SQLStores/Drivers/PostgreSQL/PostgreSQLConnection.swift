import CPostgreSQL
import Reactor
import Stores

/// One connection in pipeline mode on an event loop: sends without waiting, and reads answers as they come.
///
/// What stands between two synchronization points is one transaction, so a write needs no `BEGIN` and no `COMMIT`. Reads
/// of one turn of the loop share a point; when one of them fails the skipped ones are sent again. Confined to its loop.
final class PostgreSQLConnection {
    /// What the next result of the server answers.
    private enum Expectation {
        case preparation(PostgreSQLExchange, StatementKey)
        case rows(PostgreSQLExchange)
        case control(PostgreSQLExchange?)
        /// The end of so many exchanges.
        case end(Int)
    }

    private typealias StatementKey = UnsafePointer<UInt8>

    private let handle: OpaquePointer
    private let loop: EventLoop
    private let events: Events
    private var socket: ForeignSocket?
    private var parameters = PostgreSQLParameters()
    /// By the address of the text, which is a literal of the program.
    private var prepared: [StatementKey: PostgreSQLName] = [:]
    private var names = 0
    private var expected = Fifo<Expectation>()
    private var exchanges = Fifo<PostgreSQLExchange>()
    /// Reads that were sent and not sealed yet.
    private var unsealed = 0
    /// It works on a write, which shares it with nobody.
    private(set) var isTaken = false
    /// Something could not be sent.
    private var isBroken = false
    /// A result was read, and the mark of its end was not.
    private var isWithinResult = false
    /// That result belongs to the end of a transaction: a commit that failed.
    private var isResultOfEnd = false
    /// Set by the library's notice receiver.
    private let warning: UnsafeMutablePointer<Bool>

    /// Whom the connection tells.
    struct Events {
        let finished: (PostgreSQLExchange, PostgreSQLConnection) -> Void
        let lost: (PostgreSQLConnection, [PostgreSQLExchange], String) -> Void
    }

    /// Takes over a session.
    init(_ session: PostgreSQLSession, on loop: EventLoop, _ events: Events) throws(StorageError) {
        handle = session.handle
        self.loop = loop
        self.events = events
        warning = .allocate(capacity: 1)
        warning.initialize(to: false)
        PQsetNoticeReceiver(handle, PostgreSQLConnection.takeNotice, warning)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            throw .unavailable(reason: PostgreSQLSession.words(of: handle))
        }
        do {
            socket = try ForeignSocket(PQsocket(handle), on: loop) { [weak self] in self?.advance() }
        } catch {
            throw .unavailable(reason: "\(error)")
        }
    }

    deinit { warning.deallocate() }

    /// Jobs that wait for an answer.
    var load: Int { exchanges.count }

    /// Jobs that wait for an answer, the first first; for looking at their deadlines.
    var first: PostgreSQLExchange? { exchanges.first }

    var isOpen: Bool { socket != nil }

    /// Ends the connection and answers what it was working on.
    @discardableResult
    func close() -> [PostgreSQLExchange] {
        guard let socket else { return [] }
        socket.release()
        self.socket = nil
        PQfinish(handle)
        return exchanges.takeAll()
    }

    /// What ends the statement that runs, from another thread; to be freed with `PQfreeCancel`.
    func makeCancellation() -> PostgreSQLCancellation? { PostgreSQLCancellation(handle) }

    // MARK: Sending

    func send(_ job: PostgreSQLJob) {
        let exchange = PostgreSQLExchange(job)
        exchanges.append(exchange)
        isTaken = !job.isRead
        switch job.work {
        case .read(let command):
            if job.isAlone { sealReads() }
            send(command, for: exchange)
            exchange.isSealed = true
            unsealed += 1
            if job.isAlone { sealReads() } else if unsealed == 1 { sealReadsLater() }
        case .write(let commands):
            for command in commands { send(command, for: exchange) }
            seal(exchange)
        case .conditional(let first, let rest):
            if first.count > 1 { sendControl("BEGIN", exchange) }
            for command in first { send(command, for: exchange) }
            if rest.isEmpty, first.count == 1 {
                seal(exchange)
            } else {
                PQsendFlushRequest(handle)
                flush()
            }
        }
    }

    /// Sends the rest of a conditional write, or takes back the first.
    private func decide(_ exchange: PostgreSQLExchange) {
        guard case .conditional(let first, let rest) = exchange.job.work, !exchange.isSealed else { return }
        let isTransaction = first.count > 1
        if exchange.failure == nil, let last = exchange.answers.last, !last.isEmpty {
            for command in rest { send(command, for: exchange) }
            if isTransaction { sendControl("COMMIT", exchange) }
            seal(exchange)
        } else {
            if isTransaction { sendControl("ROLLBACK", exchange) }
            // Not sealed: whatever happens from here on, nothing stays.
            sendEnd(of: 1)
        }
    }

    private func send(_ command: Command, for exchange: PostgreSQLExchange) {
        parameters.fill(command.parameters)
        let key = command.statement.utf8Start
        let name: PostgreSQLName
        if let known = prepared[key] {
            name = known
        } else {
            // Never a name twice: one that is forgotten here may live on there.
            name = PostgreSQLName(names)
            names += 1
            prepared[key] = name
            let text = PostgreSQLDialect.text(of: command.statement)
            check(PQsendPrepare(handle, name.text, text, parameters.count, parameters.types))
            expected.append(.preparation(exchange, key))
        }
        if !isBroken {
            check(
                PQsendQueryPrepared(
                    handle, name.text, parameters.count, parameters.values, parameters.lengths, parameters.formats, 1))
        }
        expected.append(.rows(exchange))
    }

    private func sendControl(_ text: String, _ exchange: PostgreSQLExchange?) {
        if !isBroken { check(PQsendQueryParams(handle, text, 0, nil, nil, nil, nil, 1)) }
        expected.append(.control(exchange))
    }

    private func seal(_ exchange: PostgreSQLExchange) {
        sealReads()
        // Without its end nothing of it can happen.
        exchange.isSealed = !isBroken
        sendEnd(of: 1)
    }

    /// The reads of this turn of the loop share one end, and one system call.
    private func sealReadsLater() {
        let bound = LoopBound(self, to: loop)
        loop.execute { bound.run { $0.sealReads() } }
    }

    private func sealReads() {
        guard unsealed > 0, isOpen else { return }
        let count = unsealed
        unsealed = 0
        sendEnd(of: count)
    }

    private func sendEnd(of count: Int) {
        if !isBroken { check(PQpipelineSync(handle)) }
        expected.append(.end(count))
        flush()
    }

    /// What could not be queued ends the connection; above all no end may be sent that would commit the rest.
    private func check(_ code: Int32) {
        guard code != 1, !isBroken else { return }
        isBroken = true
        let bound = LoopBound(self, to: loop)
        loop.execute { bound.run { $0.advance() } }
    }

    private func flush() {
        switch PQflush(handle) {
        case 0: socket?.wantsToWrite = false
        case 1: socket?.wantsToWrite = true
        default:
            let bound = LoopBound(self, to: loop)
            loop.execute { bound.run { $0.advance() } }
        }
    }

    // MARK: Receiving

    private func advance() {
        guard isOpen else { return }
        if socket?.wantsToWrite == true { flush() }
        let isAlive = PQconsumeInput(handle) == 1
        takeResults()
        guard isOpen else { return }
        if isBroken || !isAlive || PQstatus(handle) != CONNECTION_OK {
            let reason = PostgreSQLSession.words(of: handle)
            events.lost(self, close(), reason)
        }
    }

    private func takeResults() {
        while isOpen, PQisBusy(handle) == 0 {
            guard let next = PQgetResult(handle) else {
                guard isWithinResult else { return }
                isWithinResult = false
                endOfResult()
                continue
            }
            take(PostgreSQLResult(next))
        }
    }

    private func take(_ result: consuming PostgreSQLResult) {
        if result.status == PGRES_PIPELINE_SYNC {
            guard case .end(let count) = expected.popFirst() else { return }
            return end(count)
        }
        isWithinResult = true
        switch expected.first {
        case .rows(let exchange):
            switch result.status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK: exchange.answers.append(result.rows)
            case PGRES_PIPELINE_ABORTED: if exchange.failure == nil { exchange.isSkipped = true }
            default: exchange.failure = exchange.failure ?? result.failure
            }
        case .preparation(let exchange, let key):
            guard result.status != PGRES_COMMAND_OK else { return }
            prepared[key] = nil
            if result.status == PGRES_PIPELINE_ABORTED {
                if exchange.failure == nil { exchange.isSkipped = true }
            } else {
                exchange.failure = exchange.failure ?? result.failure
            }
        case .control(let exchange):
            if result.isCommit {
                // It has happened, whatever becomes of the connection before the end of the exchange.
                exchange?.isCommitted = true
                exchange?.isDoubtful = warning.pointee
            } else if result.status != PGRES_COMMAND_OK, result.status != PGRES_PIPELINE_ABORTED {
                exchange?.failure = exchange?.failure ?? result.failure
            }
        case .end(let count):
            isResultOfEnd = true
            let failure = result.failure
            for exchange in exchanges.prefix(count) where !exchange.isCommitted {
                exchange.failure = exchange.failure ?? failure
            }
        case nil: return  // What answers no question, such as the server's last words.
        }
    }

    private func endOfResult() {
        guard !isResultOfEnd else {
            isResultOfEnd = false
            return
        }
        guard let done = expected.popFirst() else { return }
        // A conditional write waits for this before it goes on.
        if expected.isEmpty, case .rows(let exchange) = done { decide(exchange) }
        if expected.isEmpty, case .preparation(let exchange, _) = done { decide(exchange) }
    }

    private func end(_ count: Int) {
        // After an error within a transaction of its own the server waits for the end of that.
        if PQtransactionStatus(handle) == PQTRANS_INERROR {
            sendControl("ROLLBACK", nil)
            sendEnd(of: 0)
        }
        let isWarned = warning.pointee
        warning.pointee = false
        if count > 0 { isTaken = false }
        for _ in 0..<count {
            guard let exchange = exchanges.popFirst() else { return }
            if isWarned { exchange.isDoubtful = true }
            events.finished(exchange, self)
        }
    }

    /// The only warning that a statement of ours can draw: that a standby has not confirmed a commit.
    private static let takeNotice: PQnoticeReceiver = { context, result in
        guard let context, let severity = PQresultErrorField(result, Int32(UnicodeScalar("V").value)) else { return }
        if String(cString: severity) == "WARNING" { context.assumingMemoryBound(to: Bool.self).pointee = true }
    }
}

@available(*, unavailable)
extension PostgreSQLConnection: Sendable {}
