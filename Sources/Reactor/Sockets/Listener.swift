internal import CLinux
internal import Glibc

/// A listening socket of one loop.
///
/// Every loop has its own on the same TCP address (`SO_REUSEPORT`): the kernel spreads connections, no lock is shared.
/// Where there is one socket for all, in the file system or from a service manager, each loop watches it for itself.
///
/// `@unchecked Sendable`: its state is confined to the thread of `loop`, as that of `Connection`.
public final class Listener: @unchecked Sendable {
    /// The loop that accepts.
    public let loop: EventLoop
    /// The address with the real port.
    public let place: ListenAddress
    private var source: DescriptorSource?
    private var descriptor: Int32
    private var isClosed = false

    /// How long to leave the queue alone when the process or the system has no descriptor left.
    private static let exhaustionPause: UInt64 = 50_000_000

    /// Binds and listens.
    ///
    /// From any thread.
    public init(_ place: ListenAddress, on loop: EventLoop, backlog: Int = 1024) throws(SystemError) {
        self.loop = loop
        descriptor = place.openSocket()
        guard descriptor >= 0 else { throw SystemError("socket") }
        do {
            self.place = try Self.listen(descriptor, on: place, backlog: backlog)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Binds and listens at an IP address.
    public convenience init(_ address: SocketAddress, on loop: EventLoop) throws(SystemError) {
        try self.init(.ip(address), on: loop)
    }

    /// Takes over a socket that listens at `place` already.
    init(adopting descriptor: Int32, at place: ListenAddress, on loop: EventLoop) {
        self.loop = loop
        self.place = place
        self.descriptor = descriptor
    }

    /// The IP address with the real port; `local` for a path.
    public var address: SocketAddress {
        if case .ip(let address) = place { address } else { .local }
    }

    deinit {
        let (loop, token, descriptor) = (loop, source?.token, descriptor)
        guard let token else {
            if descriptor >= 0 { Glibc.close(descriptor) }
            return
        }
        loop.execute { (loop.entries[token] as? DescriptorSource)?.close() }
    }

    private static func listen(
        _ descriptor: Int32,
        on place: ListenAddress,
        backlog: Int
    ) throws(SystemError) -> ListenAddress {
        switch place {
        case .ip(let address):
            try setOptions(descriptor, of: address)
            var on: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            guard setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, size) == 0 else {
                throw SystemError("setsockopt SO_REUSEPORT")
            }
        case .unix(let path): path.removeIfStale()
        }
        guard place.withSockAddr({ bind(descriptor, $0, $1) }) == 0 else { throw SystemError("bind") }
        // Before the first connection is possible.
        if case .unix(let path) = place, !path.applyMode() { throw SystemError("chmod") }
        guard Glibc.listen(descriptor, Int32(clamping: backlog)) == 0 else { throw SystemError("listen") }
        guard case .ip = place else { return place }
        guard let bound = ListenAddress(boundTo: descriptor) else { throw SystemError("getsockname") }
        return bound
    }

    private static func setOptions(_ descriptor: Int32, of address: SocketAddress) throws(SystemError) {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        if address.family == .ipv6 {
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, size)
        }
    }

    /// Fails if somebody listens on the address already.
    ///
    /// Sharing a port is what our own loops need, but it would also let a second server start by mistake and take half
    /// of the connections; so this asks before the first of them binds.
    public static func checkFree(_ address: SocketAddress) throws(SystemError) {
        let descriptor = address.openSocket()
        guard descriptor >= 0 else { throw SystemError("socket") }
        defer { Glibc.close(descriptor) }
        try setOptions(descriptor, of: address)
        guard address.withSockAddr({ bind(descriptor, $0, $1) }) == 0 else { throw SystemError("bind") }
    }

    /// Another descriptor of the same socket, for another process or loop to listen with; the caller closes it.
    ///
    /// To be called on the loop, or before it accepts.
    public func duplicate() throws(SystemError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw SystemError("fcntl") }
        return copy
    }

    /// The next connection; `nil` once the listener is closed.
    ///
    /// By one task of the loop.
    ///
    /// A connection that fails between the queue and us is skipped; without descriptors left, it waits and tries again.
    public func accept() async -> Connection? {
        while true {
            guard !isClosed, let source = openSource() else { return nil }
            switch attemptAccept(source) {
            case .connection(let connection): return connection
            case .skip: continue
            case .empty:
                guard await source.wait(.read, until: .never) == .ready else { return nil }
            case .exhausted:
                let pause = Deadline.now.advanced(byNanoseconds: Self.exhaustionPause)
                guard (try? await loop.sleep(until: pause)) != nil else { return nil }
            }
        }
    }

    /// Stops listening; connections that nobody accepted are refused.
    ///
    /// To be called on the loop.
    public func close() {
        isClosed = true
        if let source {
            source.close()
        } else if descriptor >= 0 {
            Glibc.close(descriptor)
        }
        descriptor = -1
    }

    private func openSource() -> DescriptorSource? {
        if source == nil {
            source = try? DescriptorSource(descriptor, on: loop)
            if source == nil { descriptor = -1 }
        }
        return source
    }

    private enum Attempt {
        case connection(Connection)
        case empty, skip, exhausted
    }

    private func attemptAccept(_ source: DescriptorSource) -> Attempt {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let accepted = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                accept4(source.descriptor, $0, &length, flags)
            }
        }
        guard accepted >= 0 else {
            switch errno {
            case EAGAIN:
                source.markDrained(.read)
                return .empty
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
            default: return .skip
            }
        }
        guard let peer = SocketAddress(storage) else {
            Glibc.close(accepted)
            return .skip
        }
        guard let connection = try? Connection(descriptor: accepted, peer: peer, on: loop) else { return .skip }
        return .connection(connection)
    }
}
