internal import CCurl
internal import Reactor

/// Makes requests to other servers: RFC 9110, over HTTP/1.1 and TLS.
///
/// All go through one thread; a task that waits costs nothing but itself. Nothing queues without a bound: above the
/// limits a request is refused at once. No proxy of the environment, no cookies, no stored passwords, no redirects unless
/// asked for, certificates always verified.
///
/// A request on a kept connection that the other end has closed meanwhile is sent once more on a new one.
public final class OutgoingClient: Sendable {
    /// What the client takes on.
    public struct Configuration: Sendable {
        /// A file of certificates in PEM to trust instead of the system's.
        public var authorities: String?
        /// Requests at work to destinations that the operator has chosen.
        public var ownRequests = 128
        /// Requests at work to destinations that strangers have chosen.
        public var strangersRequests = 64
        /// Requests at work to one host that a stranger has chosen.
        public var strangersRequestsPerHost = 8
        /// Bytes of content of a request.
        public var contentLimit = 4 * 1024 * 1024
        /// Finds addresses.
        public var resolve: NameResolver = { SystemNames.resolve($0, port: $1) }

        /// The usual limits.
        public init() {}
    }

    private struct Admissions {
        var own = 0
        var strangers: [String: Int] = [:]
        var strangersTotal = 0
    }

    private let configuration: Configuration
    private let engine: OutgoingEngine
    private let admissions = Locked(Admissions())

    /// Starts the thread.
    ///
    /// - Throws: when the kernel gives no thread, or libcurl cannot be had.
    public init(_ configuration: Configuration = Configuration()) throws {
        self.configuration = configuration
        engine = try OutgoingEngine(
            authorities: configuration.authorities,
            queueLimit: configuration.ownRequests + configuration.strangersRequests,
            resolve: configuration.resolve
        )
    }

    /// Breaks all requests off and ends the thread.
    public func stop() async { await engine.stop() }

    /// Makes a request and waits for its answer, of whatever status.
    ///
    /// - Throws: `OutgoingError`; `CancellationError` as soon as the task is cancelled.
    public func send(_ request: OutgoingRequest) async throws -> OutgoingAnswer {
        var address = try OutgoingAddress(request.address, to: request.destination)
        guard !request.headers.hasRefusedField, request.body.count <= configuration.contentLimit,
            !request.headers.contains(where: { Self.framing.contains($0.name.lowercased()) }),
            FieldGrammar.isToken(request.method.text.utf8), request.method != .other("CONNECT")
        else { throw OutgoingError.unfitRequest }
        var fields = request.headers
        var hops = 0
        while true {
            let answer = try await exchange(Exchange(request, fields, to: address))
            guard case .followed(let limit) = request.redirects, request.method == .get || request.method == .head,
                [301, 302, 303, 307, 308].contains(answer.status.rawValue)
            else { return answer }
            guard hops < limit, let location = answer.headers["Location"] else { throw OutgoingError.refusedRedirect }
            hops += 1
            let next = try address.target(location, to: request.destination)
            // Once https, always https.
            guard next.scheme == "https" || address.scheme == "http" else { throw OutgoingError.refusedScheme }
            if !next.hasOrigin(of: address) {
                for name in ["Authorization", "Cookie", "DPoP"] { fields.remove(name) }
            }
            address = next
        }
    }

    /// Fields that libcurl writes.
    private static let framing: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "expect", "te", "trailer", "upgrade",
    ]

    private func exchange(_ exchange: Exchange) async throws -> OutgoingAnswer {
        guard exchange.deadline > .now else { throw OutgoingError.timedOut }
        guard enter(exchange) else { throw OutgoingError.busy }
        defer { leave(exchange) }
        return try await withTaskCancellationHandler {
            engine.begin(exchange)
            return try await exchange.outcome.value()
        } onCancel: {
            engine.cancel(exchange)
        }
    }

    // MARK: Bounds

    private func enter(_ exchange: Exchange) -> Bool {
        let host = exchange.address.host
        return admissions.withLock { admissions in
            guard case .stranger = exchange.destination else {
                guard admissions.own < configuration.ownRequests else { return false }
                admissions.own += 1
                return true
            }
            let sameHost = admissions.strangers[host, default: 0]
            guard admissions.strangersTotal < configuration.strangersRequests,
                sameHost < configuration.strangersRequestsPerHost
            else { return false }
            admissions.strangersTotal += 1
            admissions.strangers[host] = sameHost + 1
            return true
        }
    }

    private func leave(_ exchange: Exchange) {
        let host = exchange.address.host
        admissions.withLock { admissions in
            guard case .stranger = exchange.destination else {
                admissions.own -= 1
                return
            }
            admissions.strangersTotal -= 1
            let left = admissions.strangers[host, default: 1] - 1
            admissions.strangers[host] = left > 0 ? left : nil
        }
    }
}
