internal import CLinux
internal import Glibc

/// A TCP or Unix-domain connection that belongs to one event loop: a stream of bytes in each direction, with deadlines.
///
/// Every call first tries the system call and waits in the loop only if the kernel has nothing. Reading and writing come
/// in two layers, `attempt…` and `…`; below the first is the socket, or TLS on it.
///
/// `@unchecked Sendable`: the mutable state is confined to the thread of `loop`. The connection is made there; its
/// methods are called by tasks that prefer that loop, which waiting verifies; `deinit` alone may run elsewhere, and only
/// sends the loop a message.
public final class Connection: @unchecked Sendable {
    /// The loop that owns the connection.
    public let loop: EventLoop
    /// The other end.
    public let peer: SocketAddress
    private let source: DescriptorSource
    /// What stands between the socket and the program; nil while bytes travel as they are.
    private var tls: TLSSession?

    /// Takes over a connected socket.
    ///
    /// To be called on the loop.
    init(descriptor: Int32, peer: SocketAddress, on loop: EventLoop) throws(SystemError) {
        self.loop = loop
        self.peer = peer
        source = try DescriptorSource(descriptor, on: loop)
        // Answers go out in one piece; waiting for more would only delay them.
        var on: Int32 = 1
        if peer.family != .local {
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    deinit {
        let (loop, token) = (loop, source.token)
        loop.execute { (loop.entries[token] as? DescriptorSource)?.close() }
    }

    // MARK: Without waiting

    /// Reads what is there: the number of bytes, 0 at the end of the stream, `nil` if there is nothing yet.
    public func attemptRead(into buffer: UnsafeMutableRawBufferPointer) throws(ConnectionError) -> Int? {
        assert(loop.isCurrent)
        guard source.isOpen else { throw .closed }
        if let tls { return try tls.read(into: buffer) }
        return try source.receive(into: buffer)
    }

    /// Reads what is there into memory that the loop lends, and shows it to `body`.
    ///
    /// An idle connection so holds no buffer. Shows an empty buffer at the end of the stream; `nil` if nothing came.
    public func attemptRead<Result>(
        _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(ConnectionError) -> Result? {
        guard let count = try attemptRead(into: loop.scratch) else { return nil }
        return body(UnsafeRawBufferPointer(rebasing: loop.scratch[..<count]))
    }

    /// Writes as much as the kernel takes now: the number of bytes, `nil` if none.
    public func attemptWrite(_ bytes: UnsafeRawBufferPointer) throws(ConnectionError) -> Int? {
        assert(loop.isCurrent)
        guard source.isOpen else { throw .closed }
        if let tls { return try tls.write(bytes) }
        return try source.transmit(bytes)
    }

    // MARK: TLS

    /// Does the server's part of a TLS handshake; from then on everything goes through TLS.
    ///
    /// On failure the client is told why, and nothing but closing is left to do.
    ///
    /// - Parameter turn: awaited before each step, which may cost the processor as much as many requests.
    public func startTLS(
        _ server: TLSServer,
        asking: ClientCertificateRequest = .none,
        until deadline: Deadline,
        atTurn turn: () async -> Void = {}
    ) async throws(ConnectionError) {
        assert(loop.isCurrent && tls == nil)
        await turn()
        guard source.isOpen else { throw .closed }
        let session = try TLSSession(server, over: source, asking: asking)
        while let direction = try session.handshake() {
            try Self.check(await source.wait(direction, until: deadline))
            await turn()
            // It may have been closed meanwhile.
            guard source.isOpen else { throw .closed }
        }
        tls = session
    }

    /// Whether bytes travel under TLS.
    public var isSecure: Bool { tls != nil }

    /// The certificate of the client, if the listener asked for one and got one.
    public var clientCertificate: ClientCertificate? { tls?.clientCertificate }

    // MARK: Waiting

    /// Waits until reading has an answer.
    public func waitReadable(until deadline: Deadline) async throws(ConnectionError) {
        try Self.check(await source.wait(tls?.readerAwaits ?? .read, until: deadline))
    }

    /// Waits until the kernel takes bytes again.
    public func waitWritable(until deadline: Deadline) async throws(ConnectionError) {
        try Self.check(await source.wait(.write, until: deadline))
    }

    /// Calls `body` once, on the loop, when reading has an answer (`nil`) or the wait ended otherwise.
    ///
    /// For connections that are idle for long: what they cost is one closure, where a waiting task would keep the stack
    /// that its deepest call ever needed.
    public func whenReadable(until deadline: Deadline, _ body: @escaping (ConnectionError?) -> Void) {
        source.call(when: tls?.readerAwaits ?? .read, until: deadline) { outcome in
            switch outcome {
            case .ready: body(nil)
            case .timedOut: body(.timedOut)
            case .cancelled: body(.cancelled)
            case .closed: body(.closed)
            }
        }
    }

    /// Runs `body` with one cancellation handler around all its waits, instead of one for each, which is cheaper.
    ///
    /// Once the task was cancelled, no wait of this connection succeeds any more.
    public func handlingCancellation<Result>(_ body: () async -> Result) async -> Result {
        let (loop, token) = (loop, source.token)
        source.isCancellationHandledOutside = true
        defer { source.isCancellationHandledOutside = false }
        return await withTaskCancellationHandler(operation: body) {
            loop.execute { (loop.entries[token] as? DescriptorSource)?.cancel() }
        }
    }

    /// Waits for the end of connecting, good or bad.
    func waitConnected(until deadline: Deadline) async throws(ConnectionError) {
        source.markDrained(.write)
        try await waitWritable(until: deadline)
    }

    /// Reads at least one byte unless the stream ends; 0 at its end.
    public func read(
        into buffer: UnsafeMutableRawBufferPointer,
        until deadline: Deadline
    ) async throws(ConnectionError) -> Int {
        while true {
            if let count = try attemptRead(into: buffer) { return count }
            try await waitReadable(until: deadline)
        }
    }

    /// Reads at least one and at most `limit` bytes (64 KiB at most); none at the end of the stream.
    public func read(upTo limit: Int, until deadline: Deadline) async throws(ConnectionError) -> [UInt8] {
        while true {
            let part = UnsafeMutableRawBufferPointer(
                rebasing: loop.scratch[..<min(max(limit, 1), EventLoop.scratchSize)])
            if let count = try attemptRead(into: part) { return Array(part[..<count]) }
            try await waitReadable(until: deadline)
        }
    }

    /// Writes all bytes.
    public func write(_ bytes: [UInt8], until deadline: Deadline) async throws(ConnectionError) {
        try await write(bytes, from: 0, until: deadline)
    }

    /// Writes the bytes from an index on.
    public func write(_ bytes: [UInt8], from start: Int, until deadline: Deadline) async throws(ConnectionError) {
        var sent = start
        while sent < bytes.count {
            if let count = try attemptWrite(bytes, from: sent) {
                sent += count
            } else {
                try await waitWritable(until: deadline)
            }
        }
    }

    /// Writes as much of `bytes` from an index on as the kernel takes now.
    public func attemptWrite(_ bytes: [UInt8], from start: Int) throws(ConnectionError) -> Int? {
        let result = bytes.withUnsafeBytes { all in
            Swift.Result { () throws(ConnectionError) -> Int? in
                try attemptWrite(UnsafeRawBufferPointer(rebasing: all[min(start, all.count)...]))
            }
        }
        return try result.get()
    }

    // MARK: The end

    /// Whether this side has not closed yet.
    public var isOpen: Bool { source.isOpen }

    /// Whether an attempt to read might find something, as far as the loop knows.
    public var mayHaveBytes: Bool { source.isOpen && (source.isReady(.read) || tls?.hasBytes == true) }

    /// Sends the end of the stream; reading goes on.
    public func finishWriting() {
        guard source.isOpen else { return }
        tls?.sendCloseNotify()
        shutdown(source.descriptor, Int32(SHUT_WR))
    }

    /// Closes both directions; waits end with `.closed`.
    ///
    /// Unsent bytes still go out, unless unread ones are left.
    public func close() {
        if source.isOpen { tls?.sendCloseNotify() }
        tls = nil
        source.close()
    }

    /// Sends the end of the stream, throws away what still comes, up to a bound and a deadline, then closes.
    ///
    /// Closing with unread bytes would make the kernel reset the connection, and the peer could lose the last answer.
    public func closeGently(until deadline: Deadline, discarding limit: Int = 256 * 1024) async {
        finishWriting()
        var discarded = 0
        while discarded < limit, let count = try? await read(into: loop.scratch, until: deadline), count > 0 {
            discarded += count
        }
        close()
    }

    /// Breaks the connection off: the peer sees a reset, unsent bytes are dropped.
    public func abort() {
        guard source.isOpen else { return }
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(source.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        tls = nil
        source.close()
    }

    private static func check(_ outcome: DescriptorSource.Outcome) throws(ConnectionError) {
        switch outcome {
        case .ready: return
        case .timedOut: throw .timedOut
        case .cancelled: throw .cancelled
        case .closed: throw .closed
        }
    }
}
