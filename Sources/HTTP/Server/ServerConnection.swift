internal import Reactor

/// One client connection: reads requests, has them answered in order, writes the answers.
///
/// While it waits for a next request it holds no buffer: bytes are read into memory of the loop and kept only if they
/// are not a whole request. Answers to pipelined requests go out in one write.
///
/// Between requests it soon has no task either: a task keeps the stack of its deepest call, and most connections of a
/// busy server do nothing most of the time.
///
/// `@unchecked Sendable`: confined to its loop, as `ServerLoop` is.
final class ServerConnection: @unchecked Sendable {
    let stream: Connection
    let server: ServerLoop
    private let entrance: Entrance
    var guest: Entrance.Guest
    private var isAdmitted: Bool
    /// Whatever it sends is answered by a refusal.
    private let isStranger: Bool
    private var parser: RequestParser
    /// Bytes read and not consumed by the parser.
    var pending: [UInt8] = []
    private var pendingStart = 0
    var phase = Phase.waiting
    /// What serves it; nil while it sleeps.
    var task: Task<Void, Never>?
    /// When the present phase of a request, or the writing of its answer, must be over.
    var deadline: Deadline
    /// Bytes of an unfinished request or of answers that the client does not take, as the loop knows them.
    private(set) var held = 0
    /// Since when it has held anything.
    private(set) var heldSince = Deadline.never

    /// Since when it has waited for a request, or for the rest of one.
    private var waitsSince: Deadline
    /// What the next task begins with.
    var arrival: Arrival?
    /// When the request came that the task begins with, and for which it is time now.
    var letIn: Deadline?

    enum Phase {
        /// Nothing of a next request has come.
        case waiting
        case header
        case body
        case answering
    }

    /// What became of the bytes at hand.
    enum Step {
        case needsMore
        case mustContinue
        case request(Request, keepsAlive: Bool)
        case refused(Refusal)
    }

    /// What came while there was no task.
    ///
    /// Indirect: few connections have any, and each has the place for it.
    indirect enum Arrival {
        case step(Step)
        /// The part of a refusal that the client does not take yet, and what comes behind it.
        case refusal(rest: [UInt8], closes: Bool)
    }

    /// How a burst of requests ended.
    enum BurstEnd {
        /// All answered; the connection goes on.
        case goesOn
        /// The last answer said that the connection closes.
        case closes
        /// Nobody is there any more.
        case lost
        /// Nothing came for a while.
        case quiet
    }

    /// How many requests are refused in one go before others have their turn.
    private static let refusalsPerLook = 4

    init(_ stream: Connection, through entrance: Entrance, on server: ServerLoop) {
        self.stream = stream
        self.server = server
        self.entrance = entrance
        guest = entrance.guest(stream.peer)
        isAdmitted = entrance.isOpen
        isStranger = entrance.refuses(stream.peer)
        parser = RequestParser(limits: server.limits)
        // A client that connects has something to say: it gets the time of a header, not of an idle connection.
        let time = entrance.isOpen ? server.times.header : server.times.handshake
        deadline = server.loop.now.advanced(byNanoseconds: time)
        waitsSince = .now
    }

    /// Waits without a task for something to do.
    func sleep() {
        task = nil
        stream.whenReadable(until: deadline) { [self] error in
            if error == nil { look() } else { end() }
        }
    }

    /// Reads what has come while there was no task, and makes one unless that is refused.
    ///
    /// A task would wait for its turn behind all others of a busy loop, only to say that there is no time.
    private func look() {
        guard isAdmitted else { return server.wake(self) }
        waitsSince = .now
        for _ in 0..<Self.refusalsPerLook {
            switch readStep() {
            case .nothing: return sleep()
            case .endOfStream, .broken: return end()
            case .step(.request(let request, let keepsAlive)):
                guard refuses(request, keepsAlive: keepsAlive) else { return }
            case .step(let step):
                arrival = .step(step)
                return server.wake(self)
            }
        }
        server.wake(self)
    }

    /// Begins with a request, now or when it is its turn, or refuses it; true if there is nothing else to do.
    private func refuses(_ request: Request, keepsAlive: Bool) -> Bool {
        phase = .answering
        // What came behind it waits as long as it does.
        hold(pending.count)
        let now = Deadline.now
        let lane = server.overload.lane(request.method, request.path)
        let verdict = server.admission.judge(lane, size: Self.size(of: request), at: now)
        if case .refused = verdict { return refuse(request, keepsAlive: keepsAlive, at: now) }
        arrival = .step(.request(request, keepsAlive: keepsAlive))
        letIn = now
        if case .waits = verdict {
            server.admission.wait(in: lane, since: now) { [self] in server.wake(self) }
        } else {
            server.wake(self)
        }
        return false
    }

    /// Serves until one side has had enough, or nothing comes for a while.
    func serve() async {
        await stream.handlingCancellation {
            if !isAdmitted {
                guard await entrance.admit(&guest, stream, until: deadline, in: server.admission) else { return end() }
                isAdmitted = true
                waitsSince = server.loop.now
                server.admitted(self)
                deadline = server.loop.now.advanced(byNanoseconds: server.times.header)
            }
            while true {
                switch await answerBurst() {
                case .goesOn: continue
                case .quiet: return sleep()
                case .closes:
                    // Closing over unread bytes would reset the connection, and could cost the client the answer.
                    if !pending.isEmpty || stream.mayHaveBytes {
                        await stream.closeGently(until: .now.advanced(byNanoseconds: 2_000_000_000))
                    }
                    return end()
                case .lost: return end()
                }
            }
        }
    }

    /// Ends a connection that has nothing to do.
    func closeIfIdle() {
        // Whoever waits for it, task or callback, is told and sees to the rest.
        if phase == .waiting { stream.close() }
    }

    /// Ends a connection that holds too much for too long; whoever waits for it is told.
    func breakOff() {
        stream.abort()
        hold(0)
    }

    /// How well it could be done without; `nil` while it is answered, or is gone already.
    var spareness: SpareConnections.Rank? {
        guard stream.isOpen, phase != .answering else { return nil }
        return SpareConnections.Rank(isInsideRequest: phase != .waiting, waitsSince: waitsSince)
    }

    /// Makes room for another one; whoever waits for it is told.
    func giveUp() {
        if phase == .waiting { stream.close() } else { breakOff() }
    }

    func hold(_ bytes: Int) {
        guard bytes != held, stream.isOpen || bytes == 0 else { return }
        let before = held
        if before == 0 { heldSince = .now }
        held = bytes
        server.holds(bytes, insteadOf: before)
    }

    /// Closes, and says so to the server.
    func end() {
        task = nil
        stream.close()
        hold(0)
        server.forget(self)
    }

    // MARK: Reading

    /// Waits for bytes, answers all whole requests among them, writes the answers.
    private func answerBurst() async -> BurstEnd {
        switch arrival.take() {
        case .step(let step): return await answer(from: step)
        case .refusal(var rest, let closes):
            guard await write(&rest) else { return .lost }
            return closes ? .closes : await answer(from: stepOverPending())
        case nil: break
        }
        while true {
            switch readStep() {
            case .nothing:
                if let end = await wait() { return end }
            case .step(.needsMore): updatePhase()
            case .step(let step): return await answer(from: step)
            case .endOfStream: return phase == .waiting ? .lost : await answer(from: .refused(.truncated))
            case .broken: return .lost
            }
        }
    }

    private enum Reading {
        case nothing
        case step(Step)
        case endOfStream
        case broken
    }

    private func readStep() -> Reading {
        do throws(ConnectionError) {
            guard let step = try stream.attemptRead({ take($0) }) else { return .nothing }
            return step.map { .step($0) } ?? .endOfStream
        } catch {
            return .broken
        }
    }

    /// Waits for bytes; an end of the burst if none came.
    private func wait() async -> BurstEnd? {
        let isWaiting = phase == .waiting
        if isWaiting, server.times.task == 0 || server.admission.isCrowded { return .quiet }
        let patience = server.loop.now.advanced(byNanoseconds: server.times.task)
        do throws(ConnectionError) {
            try await stream.waitReadable(until: isWaiting ? min(deadline, patience) : deadline)
            return nil
        } catch {
            guard error == .timedOut else { return .lost }
            if isWaiting { return patience < deadline ? .quiet : .lost }
            return await answer(from: .refused(.timeout))
        }
    }

    /// Parses what was read; `nil` at the end of the stream.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Step? {
        guard !bytes.isEmpty else { return nil }
        guard pending.isEmpty else {
            pending.append(contentsOf: bytes)
            return stepOverPending()
        }
        var consumed = 0
        let step = step(over: bytes.assumingMemoryBound(to: UInt8.self).span, consumed: &consumed)
        if consumed < bytes.count { pending = Array(bytes[consumed...]) }
        return step
    }

    func stepOverPending() -> Step {
        guard !pending.isEmpty else { return .needsMore }
        var consumed = 0
        let step = step(over: pending.span.extracting(pendingStart..<pending.count), consumed: &consumed)
        pendingStart += consumed
        if pendingStart == pending.count {
            pending = []
            pendingStart = 0
        } else if case .needsMore = step {
            // Only now: moving the rest after each of many pipelined requests would take quadratic time.
            pending.removeFirst(pendingStart)
            pendingStart = 0
        }
        return step
    }

    private func step(over bytes: borrowing Span<UInt8>, consumed: inout Int) -> Step {
        guard !isStranger else { return .refused(.stranger) }
        do throws(Refusal) {
            switch try parser.advance(over: bytes, consumed: &consumed) {
            case .incomplete: return .needsMore
            case .awaitingContinue: return .mustContinue
            case .request(let head, let body):
                let client = entrance.client(guest, head.headers)
                let id = entrance.id(guest, head.headers) ?? server.makeID()
                let request = Request(head, body: body, from: client, certificate: guest.certificate, id: id)
                return .request(request, keepsAlive: head.keepsAlive)
            }
        } catch {
            return .refused(error)
        }
    }

    /// The request whose content is too large, without it; nil where none was refused for that.
    var tooLargeRequest: Request? {
        parser.refusedHead.map { head in
            Request(
                head, body: [], from: entrance.client(guest, head.headers), certificate: guest.certificate,
                id: entrance.id(guest, head.headers) ?? server.makeID())
        }
    }

    /// Each phase has one deadline from its beginning: bytes that trickle in do not move it.
    func updatePhase() {
        hold(pending.count + parser.heldBytes)
        let now = server.loop.now
        if parser.isInsideBody {
            guard phase != .body else { return }
            phase = .body
            waitsSince = now
            deadline = now.advanced(byNanoseconds: server.times.body)
        } else if !pending.isEmpty {
            guard phase != .header else { return }
            phase = .header
            waitsSince = now
            deadline = now.advanced(byNanoseconds: server.times.header)
        } else {
            phase = .waiting
            waitsSince = now
            deadline = now.advanced(byNanoseconds: server.times.idle)
        }
    }
}
