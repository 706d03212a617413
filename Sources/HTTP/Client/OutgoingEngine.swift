internal import CCurl
internal import Reactor

/// The thread that makes all outgoing requests: one multi handle of libcurl.
///
/// `@unchecked Sendable`: what is marked below belongs to the thread; everything else goes through `inbox`. `multi` may
/// be woken by any thread as long as it lives, which `isOver` under the lock tells.
final class OutgoingEngine: @unchecked Sendable {
    private enum Order {
        case begin(Exchange)
        case resolved(Exchange, Result<[SocketAddress], OutgoingError>)
        case cancel(Exchange)
    }

    private struct Inbox {
        var orders: [Order] = []
        var isStopping = false
        var isOver = false
    }

    private let inbox = Locked(Inbox())
    private let multi: UnsafeMutableRawPointer
    private let finished = ThreadEnd()
    private let resolve: NameResolver
    private let authorities: String?
    /// Whoever asks for a name of a stranger may keep a thread busy, so the operator's names have threads of their own.
    private let ownNames: WorkerPool
    private let strangersNames: WorkerPool

    /// The thread alone.
    private var exchanges: [ObjectIdentifier: Exchange] = [:]

    /// Connections kept for a next request.
    private static let keptConnections = 16

    /// What libcurl does once in a process.
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(authorities: String?, queueLimit: Int, resolve: @escaping NameResolver) throws {
        guard Self.isReady, let multi = curl_multi_init() else { throw OutgoingError.broken }
        self.multi = multi
        self.authorities = authorities
        self.resolve = resolve
        ownNames = try WorkerPool(name: "names", threads: 1, queueLimit: queueLimit)
        strangersNames = try WorkerPool(name: "names-strange", threads: 2, queueLimit: queueLimit)
        martlet_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.keptConnections)
        martlet_curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
        try startThread(name: "outbound") { [self] in run() }
    }

    // MARK: From any thread

    func begin(_ exchange: Exchange) {
        if !order(.begin(exchange)) { exchange.outcome.end(.failure(OutgoingError.stopped)) }
    }

    func cancel(_ exchange: Exchange) {
        exchange.outcome.end(.failure(CancellationError()))
        _ = order(.cancel(exchange))
    }

    /// Breaks everything off and waits for the threads.
    func stop() async {
        inbox.withLock { inbox in
            inbox.isStopping = true
            if !inbox.isOver { curl_multi_wakeup(multi) }
        }
        await finished.wait()
        await ownNames.stop()
        await strangersNames.stop()
    }

    /// False if the thread has ended or is about to.
    private func order(_ order: Order) -> Bool {
        inbox.withLock { inbox in
            guard !inbox.isStopping else { return false }
            inbox.orders.append(order)
            if inbox.orders.count == 1 { curl_multi_wakeup(multi) }
            return true
        }
    }

    // MARK: The thread

    private func run() {
        while true {
            let (orders, isStopping) = inbox.withLock { inbox in
                defer { inbox.orders = [] }
                return (inbox.orders, inbox.isStopping)
            }
            for order in orders { obey(order) }
            if isStopping { break }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            finishTransfers()
            curl_multi_poll(multi, nil, 0, millisecondsToNextDeadline(), nil)
        }
        for exchange in exchanges.values { end(exchange, .failure(OutgoingError.stopped)) }
        inbox.withLock { inbox in
            inbox.isOver = true
            curl_multi_cleanup(multi)
        }
        finished.signal()
    }

    private func obey(_ order: Order) {
        switch order {
        case .begin(let exchange):
            guard !exchange.outcome.isKnown else { return }
            exchanges[ObjectIdentifier(exchange)] = exchange
            if let literal = exchange.address.literal {
                transfer(exchange, to: [literal])
            } else {
                findAddresses(of: exchange)
            }
        case .resolved(let exchange, let result):
            guard exchanges[ObjectIdentifier(exchange)] != nil else { return }
            switch result {
            case .success(let addresses): transfer(exchange, to: addresses)
            case .failure(let error): end(exchange, .failure(error))
            }
        case .cancel(let exchange):
            end(exchange, .failure(CancellationError()))
        }
    }

    private func findAddresses(of exchange: Exchange) {
        let pool =
            switch exchange.destination {
            case .stranger: strangersNames
            case .configured, .configuredPlain, .guarded: ownNames
            }
        pool.submit { [self] refusal in
            guard refusal == nil else {
                _ = order(.resolved(exchange, .failure(.busy)))
                return
            }
            // Whoever waited may have gone meanwhile.
            guard !exchange.outcome.isKnown else { return }
            let addresses = resolve(exchange.address.host, exchange.address.port)
            _ = order(.resolved(exchange, addresses.isEmpty ? .failure(.unresolved) : .success(addresses)))
        }
    }

    /// Judges the addresses and starts the transfer.
    ///
    /// One that is not allowed condemns all: nobody has a good reason to mix them.
    private func transfer(_ exchange: Exchange, to addresses: [SocketAddress]) {
        exchange.pinned = Array(addresses.prefix(16))
        guard exchange.pinned.allSatisfy(exchange.admits) else {
            return end(exchange, .failure(OutgoingError.refusedAddress))
        }
        guard let transfer = Transfer(exchange, authorities: authorities) else {
            return end(exchange, .failure(OutgoingError.broken))
        }
        exchange.transfer = transfer
        guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
            exchange.transfer = nil
            return end(exchange, .failure(OutgoingError.broken))
        }
    }

    private func finishTransfers() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let exchange = Transfer.exchange(of: easy)
            else { continue }
            let code = message.pointee.data.result
            end(exchange, result(of: exchange, code))
        }
    }

    private func result(of exchange: Exchange, _ code: CURLcode) -> Result<OutgoingAnswer, any Error> {
        guard code == CURLE_OK else { return .failure(exchange.cut ?? OutgoingError(code)) }
        guard let answer = exchange.transfer.flatMap({ exchange.answer(status: $0.status) }) else {
            return .failure(OutgoingError.broken)
        }
        return .success(answer)
    }

    private func end(_ exchange: Exchange, _ result: Result<OutgoingAnswer, any Error>) {
        guard exchanges.removeValue(forKey: ObjectIdentifier(exchange)) != nil else { return }
        if let transfer = exchange.transfer {
            curl_multi_remove_handle(multi, transfer.easy)
            exchange.transfer = nil
        }
        exchange.outcome.end(result)
    }

    /// Ends what waits for a name in vain; libcurl knows the deadlines of its transfers itself.
    private func millisecondsToNextDeadline() -> Int32 {
        let now = Deadline.now
        var next = UInt64.max
        for exchange in exchanges.values where exchange.transfer == nil {
            if exchange.deadline <= now {
                end(exchange, .failure(OutgoingError.timedOut))
            } else {
                next = min(next, exchange.deadline.nanoseconds - now.nanoseconds)
            }
        }
        return Int32(clamping: min(next / 1_000_000 + 1, 60_000))
    }
}

extension OutgoingError {
    init(_ code: CURLcode) {
        switch code {
        case CURLE_OPERATION_TIMEDOUT: self = .timedOut
        case CURLE_COULDNT_RESOLVE_HOST: self = .unresolved
        case CURLE_COULDNT_CONNECT: self = .unreachable
        case CURLE_FILESIZE_EXCEEDED: self = .tooLarge
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_CIPHER, CURLE_SSL_INVALIDCERTSTATUS:
            self = .untrusted
        default: self = .broken
        }
    }
}
