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
    private let stream: Connection
    private let server: ServerLoop
    private let entrance: Entrance
    private var guest: Entrance.Guest
    private var isAdmitted: Bool
    /// Whatever it sends is answered by a refusal.
    private let isStranger: Bool
    private var parser: RequestParser
    /// Bytes read and not consumed by the parser.
    private var pending: [UInt8] = []
    private var pendingStart = 0
    private var phase = Phase.waiting
    /// What serves it; nil while it sleeps.
    var task: Task<Void, Never>?
    /// When the present phase of a request, or the writing of its answer, must be over.
    private(set) var deadline: Deadline
    /// Bytes of an unfinished request or of answers that the client does not take, as the loop knows them.
    private(set) var held = 0
    /// Since when it has held anything.
    private(set) var heldSince = Deadline.never

    /// Since when it has waited for a request, or for the rest of one.
    private var waitsSince: Deadline
    /// What the next task begins with.
    private var arrival: Arrival?
    /// When the request came that the task begins with, and for which it is time now.
    private var letIn: Deadline?

    private enum Phase {
        /// Nothing of a next request has come.
        case waiting
        case header
        case body
        case answering
    }

    /// What became of the bytes at hand.
    private enum Step {
        case needsMore
        case mustContinue
        case request(Request, keepsAlive: Bool)
        case refused(Refusal)
    }

    /// What came while there was no task.
    private enum Arrival {
        case step(Step)
        /// The part of a refusal that the client does not take yet, and what comes behind it.
        case refusal(rest: [UInt8], closes: Bool)
    }

    /// How a burst of requests ended.
    private enum BurstEnd {
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
    /// What a request holds beside its content, about, in bytes.
    private static let overhead = 2048

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
        let now = Deadline.now
        let lane = server.overload.lane
        switch server.admission.judge(lane(request.method, request.path), size: Self.size(of: request), at: now) {
        case .refused: return refuse(request, keepsAlive: keepsAlive, at: now)
        case .begins: server.wake(self)
        case .waits(let lane): server.admission.wait(in: lane, since: now) { [self] in server.wake(self) }
        }
        arrival = .step(.request(request, keepsAlive: keepsAlive))
        letIn = now
        return false
    }

    /// Refuses a request without a task; false if there is more to do.
    private func refuse(_ request: Request, keepsAlive: Bool, at now: Deadline) -> Bool {
        var out = server.borrowBuffer()
        defer { server.takeBack(&out) }
        let closes = append(server.overload.answer, to: request, since: now, keepsAlive: keepsAlive, into: &out)
        do throws(ConnectionError) {
            let sent = try stream.attemptWrite(out, from: 0) ?? 0
            if sent == out.count, pending.isEmpty, !closes {
                updatePhase()
                return true
            }
            arrival = .refusal(rest: Array(out[sent...]), closes: closes)
            server.wake(self)
        } catch {
            end()
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

    private func hold(_ bytes: Int) {
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

    private func stepOverPending() -> Step {
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

    /// Each phase has one deadline from its beginning: bytes that trickle in do not move it.
    private func updatePhase() {
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

    // MARK: Answering

    private func answer(from first: Step) async -> BurstEnd {
        var out = server.borrowBuffer()
        defer { server.takeBack(&out) }
        var step = first
        var answered = 0
        while true {
            switch step {
            case .request(let request, let keepsAlive):
                phase = .answering
                hold(0)
                let closes = await answer(request, keepsAlive: keepsAlive, into: &out)
                if closes { return await write(&out) ? .closes : .lost }
                answered += 1
                if answered % server.limits.requestsPerTurn == 0 || out.count > 128 * 1024 {
                    guard await write(&out) else { return .lost }
                    await server.loop.letOthersRun()
                }
            case .mustContinue:
                out += "HTTP/1.1 100 Continue\r\n\r\n".utf8
                updatePhase()
                return await write(&out) ? .goesOn : .lost
            case .refused(let refusal):
                refuse(refusal, into: &out)
                return await write(&out) ? .closes : .lost
            case .needsMore:
                guard await write(&out) else { return .lost }
                updatePhase()
                // The drain may have begun while this connection was busy.
                return server.isClosingIdle && phase == .waiting ? .lost : .goesOn
            }
            step = stepOverPending()
        }
    }

    /// Answers one request; true if the connection closes behind it.
    private func answer(_ request: Request, keepsAlive: Bool, into out: inout [UInt8]) async -> Bool {
        let before = letIn.take()
        let start = before ?? .now
        let response = await respond(to: request, at: start, isLetIn: before != nil)
        return append(response, to: request, since: start, keepsAlive: keepsAlive, into: &out)
    }

    /// Appends an answer and notes it; true if the connection closes behind it.
    private func append(
        _ response: Response, to request: Request, since start: Deadline, keepsAlive: Bool, into out: inout [UInt8]
    ) -> Bool {
        let closes = !keepsAlive || server.isDraining
        var wasRefused = false
        let context = ResponseWriter.Context(
            isHead: request.method == .head,
            mustClose: closes,
            id: request.id,
            date: server.presentDate()
        )
        let written = ResponseWriter.write(response, to: request, context, into: &out, wasRefused: &wasRefused)
        if wasRefused { server.faultLog("an answer with an invalid header field was withheld", request.id) }
        server.accessLog(
            AccessRecord(
                method: request.method,
                path: request.path,
                status: written.status,
                bytes: written.contentBytes,
                microseconds: Int(clamping: (Deadline.now.nanoseconds - start.nanoseconds) / 1000),
                id: request.id,
                peer: request.peer,
                notes: response.notes,
                trace: TraceParent(request.headers),
                isFromTrustedProxy: guest.isTrustedProxy
            )
        )
        return closes
    }

    /// What the program answers, or that it is too busy.
    private func respond(to request: Request, at now: Deadline, isLetIn: Bool) async -> Response {
        let size = Self.size(of: request)
        let lane = server.overload.lane
        let admission = server.admission
        if !isLetIn {
            let mayBegin = await admission.enter(lane(request.method, request.path), size: size, at: now)
            guard mayBegin else { return server.overload.answer }
        }
        defer { admission.leave(size: size) }
        return await server.respond(request)
    }

    private static func size(of request: Request) -> Int { request.body.count + overhead }

    private func refuse(_ refusal: Refusal, into out: inout [UInt8]) {
        let id = server.makeID()
        let response = Response.text("\(refusal.status): \(refusal.reason)\n", status: refusal.status)
        let context = ResponseWriter.Context(isHead: false, mustClose: true, id: id, date: server.presentDate())
        let written = ResponseWriter.write(response, context, into: &out)
        server.accessLog(
            AccessRecord(
                method: .other(""),
                path: "",
                status: written.status,
                bytes: written.contentBytes,
                microseconds: 0,
                id: id,
                peer: guest.client.address
            )
        )
    }

    /// Writes the answers so far; false if they cannot be delivered.
    private func write(_ out: inout [UInt8]) async -> Bool {
        guard !out.isEmpty else { return true }
        defer { out.removeAll(keepingCapacity: true) }
        do throws(ConnectionError) {
            let sent = try stream.attemptWrite(out, from: 0) ?? 0
            if sent < out.count {
                deadline = .now.advanced(byNanoseconds: server.times.write)
                hold(out.count - sent + pending.count)
                try await stream.write(out, from: sent, until: deadline)
                hold(0)
            }
            return true
        } catch {
            if error == .timedOut { stream.abort() }
            return false
        }
    }
}

extension Request {
    init(
        _ head: RequestHead,
        body: [UInt8],
        from client: TrustedProxies.Client,
        certificate: ClientCertificate?,
        id: RequestID
    ) {
        self.init(
            head.line.method,
            head.line.target.path,
            query: head.line.target.hasQuery ? head.line.target.query : nil,
            headers: head.headers,
            body: body,
            peer: client.address,
            id: id,
            isSecure: client.isSecure,
            clientCertificate: certificate
        )
    }
}
