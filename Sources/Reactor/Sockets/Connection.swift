internal import CLinux
internal import Glibc

/// A TCP connection that belongs to one event loop: a stream of bytes in each direction, with deadlines.
///
/// Every call first tries the system call and waits in the loop only if the kernel has nothing. Reading and writing come
/// in two layers, `attempt…` and `…`, so that another transport can take the place of the socket below the second.
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

    /// Takes over a connected socket.
    ///
    /// To be called on the loop.
    init(descriptor: Int32, peer: SocketAddress, on loop: EventLoop) throws(SystemError) {
        self.loop = loop
        self.peer = peer
        source = try DescriptorSource(descriptor, on: loop)
        // Answers go out in one piece; waiting for more would only delay them.
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
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
        guard source.isReady(.read) else { return nil }
        while true {
            let count = recv(source.descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 {
                // Less than asked for: the socket is empty, and the next edge will say when it is not.
                if count < buffer.count { source.markDrained(.read) }
                return count
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                source.markDrained(.read)
                return nil
            default: throw Self.error("recv")
            }
        }
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
        guard source.isReady(.write) else { return nil }
        while true {
            let count = send(source.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 {
                if count < bytes.count { source.markDrained(.write) }
                return count
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                source.markDrained(.write)
                return nil
            default: throw Self.error("send")
            }
        }
    }

    // MARK: Waiting

    /// Waits until reading has an answer.
    public func waitReadable(until deadline: Deadline) async throws(ConnectionError) {
        try Self.check(await source.wait(.read, until: deadline))
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
        source.call(whenReadableUntil: deadline) { outcome in
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
    public var mayHaveBytes: Bool { source.isOpen && source.isReady(.read) }

    /// Sends the end of the stream; reading goes on.
    public func finishWriting() {
        guard source.isOpen else { return }
        shutdown(source.descriptor, Int32(SHUT_WR))
    }

    /// Closes both directions; waits end with `.closed`.
    ///
    /// Unsent bytes still go out, unless unread ones are left.
    public func close() {
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

    private static func error(_ call: String) -> ConnectionError {
        switch errno {
        case ECONNRESET, EPIPE, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH: .reset
        default: .system(SystemError(call))
        }
    }
}
