internal import Reactor

/// From the requests at hand to the bytes of their answers.
extension ServerConnection {
    /// What a request holds beside its content, about, in bytes.
    private static let overhead = 2048

    /// Answers all whole requests among the bytes at hand, the first of which was read already.
    func answer(from first: Step) async -> BurstEnd {
        var out = server.borrowBuffer()
        defer { server.takeBack(&out) }
        var step = first
        var answered = 0
        while true {
            switch step {
            case .request(let request, let keepsAlive):
                phase = .answering
                hold(pending.count)
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
        let lane = server.overload.lane(request.method, request.path)
        let admission = server.admission
        if !isLetIn {
            guard await admission.enter(lane, size: size, at: now) else { return server.overload.answer(request) }
        }
        defer { admission.leave(lane, size: size) }
        return await server.respond(request)
    }

    /// The bytes that a request holds until it is answered.
    static func size(of request: Request) -> Int { request.body.count + overhead }

    /// Refuses a request without a task; false if there is more to do.
    func refuse(_ request: Request, keepsAlive: Bool, at now: Deadline) -> Bool {
        var out = server.borrowBuffer()
        defer { server.takeBack(&out) }
        let closes = append(
            server.overload.answer(request), to: request, since: now, keepsAlive: keepsAlive, into: &out)
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

    /// Answers what is no request that could be.
    private func refuse(_ refusal: Refusal, into out: inout [UInt8]) {
        let request = refusal == .bodyTooLarge ? tooLargeRequest : nil
        let id = request?.id ?? server.makeID()
        let response =
            request.flatMap { server.tooLarge?($0) }
            ?? Response.text("\(refusal.status): \(refusal.reason)\n", status: refusal.status)
        let context = ResponseWriter.Context(
            isHead: request?.method == .head, mustClose: true, id: id, date: server.presentDate())
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
    func write(_ out: inout [UInt8]) async -> Bool {
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
