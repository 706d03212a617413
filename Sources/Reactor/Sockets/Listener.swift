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
    /// For a socket in the file system that is not somebody else's.
    public let claim: UnixSocketClaim?
    /// Where the socket goes back to if it was not made use of.
    private let origin: InheritedSockets?
    private var source: DescriptorSource?
    private var descriptor: Int32
    private var isClosed = false

    /// How long to leave the queue alone when there is no descriptor left, or something else is wrong for a while.
    private static let exhaustionPause: UInt64 = 50_000_000

    /// With whom a listener shares a TCP port.
    enum Company {
        /// With those of this user that share it already.
        case joined
        /// With nobody who is there before it; others of this user may join.
        case later
    }

    /// Binds and listens; others of this user may listen on the port already.
    ///
    /// From any thread.
    public convenience init(_ place: ListenAddress, on loop: EventLoop) throws(SystemError) {
        try self.init(place, on: loop, company: .joined)
    }

    init(_ place: ListenAddress, on loop: EventLoop, company: Company, backlog: Int32 = 1024) throws(SystemError) {
        self.loop = loop
        origin = nil
        descriptor = place.openSocket()
        guard descriptor >= 0 else { throw SystemError("socket") }
        do {
            (self.place, claim) = try Self.listen(descriptor, on: place, company, backlog)
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
    ///
    /// - Parameter origin: where it goes back to if this listener goes before it has accepted, or was closed.
    init(
        adopting socket: ListeningSocket, of origin: InheritedSockets? = nil, at place: ListenAddress,
        on loop: EventLoop
    ) {
        self.loop = loop
        self.place = place
        self.origin = origin
        claim = socket.claim
        descriptor = socket.descriptor
    }

    /// The IP address with the real port; `local` for a path.
    public var address: SocketAddress {
        if case .ip(let address) = place { address } else { .local }
    }

    deinit {
        let (loop, token, descriptor) = (loop, source?.token, descriptor)
        guard let token else {
            guard descriptor >= 0 else { return }
            if let origin {
                origin.giveBack(ListeningSocket(descriptor: descriptor, claim: claim), at: place)
            } else {
                Glibc.close(descriptor)
            }
            return
        }
        loop.execute { (loop.entries[token] as? DescriptorSource)?.close() }
    }

    private static func listen(
        _ descriptor: Int32,
        on place: ListenAddress,
        _ company: Company,
        _ backlog: Int32
    ) throws(SystemError) -> (ListenAddress, UnixSocketClaim?) {
        switch place {
        case .ip(let address):
            try setOptions(descriptor, of: address)
            if company == .joined { try sharePort(descriptor) }
            guard place.withSockAddr({ bind(descriptor, $0, $1) }) == 0 else { throw SystemError("bind") }
            guard Glibc.listen(descriptor, backlog) == 0 else { throw SystemError("listen") }
            // Only now: of two servers that start at once, one has come this far.
            if company == .later { try sharePort(descriptor) }
            guard let bound = ListenAddress(boundTo: descriptor) else { throw SystemError("getsockname") }
            return (bound, nil)
        case .unix(let path):
            return (
                place,
                try FolderLock.hold(for: path) { () throws(SystemError) in
                    try listen(descriptor, at: path, backlog)
                }
            )
        }
    }

    /// With the folder locked: a socket that does not listen yet looks like one that nobody listens at any more.
    private static func listen(
        _ descriptor: Int32, at path: UnixSocketPath, _ backlog: Int32
    ) throws(SystemError) -> UnixSocketClaim? {
        path.removeIfStale()
        guard ListenAddress.unix(path).withSockAddr({ bind(descriptor, $0, $1) }) == 0 else {
            throw SystemError("bind")
        }
        let claim = UnixSocketClaim(path)
        // Before the first connection is possible.
        guard path.applyMode() else {
            let error = SystemError("chmod")
            claim?.removeHeld()
            throw error
        }
        guard Glibc.listen(descriptor, backlog) == 0 else { throw SystemError("listen") }
        return claim
    }

    private static func sharePort(_ descriptor: Int32) throws(SystemError) {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, size) == 0 else {
            throw SystemError("setsockopt SO_REUSEPORT")
        }
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

    /// Other descriptors of the same sockets, all or none.
    ///
    /// To be called on the loop, or before they accept.
    public static func duplicates(of listeners: [Listener]) throws(SystemError) -> [ListeningSocket] {
        var copies: [ListeningSocket] = []
        do throws(SystemError) {
            for listener in listeners {
                copies.append(ListeningSocket(descriptor: try listener.duplicate(), claim: listener.claim))
            }
        } catch {
            copies.closeAll()
            throw error
        }
        return copies
    }

    /// The next connection; `nil` once the listener is closed.
    ///
    /// By one task of the loop.
    ///
    /// A connection that fails between the queue and us is skipped; without descriptors left, as after any
    /// other error that may last, it waits and tries again.
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

    /// Whether an error of `accept` is about the connection at hand, so that the next one may succeed at once: accept(2).
    ///
    /// Trying again at once after any other would spin.
    static func isOfOneConnection(_ code: Int32) -> Bool {
        switch code {
        case ECONNABORTED, EINTR, EPERM, EPROTO, ENOPROTOOPT, ECONNRESET, ETIMEDOUT, ENETDOWN, ENETUNREACH, EHOSTDOWN,
            EHOSTUNREACH, ENONET:
            true
        default: false
        }
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
            let code = errno
            if code == EAGAIN {
                source.markDrained(.read)
                return .empty
            }
            return Self.isOfOneConnection(code) ? .skip : .exhausted
        }
        guard let peer = SocketAddress(storage) else {
            Glibc.close(accepted)
            return .skip
        }
        guard let connection = try? Connection(descriptor: accepted, peer: peer, on: loop) else { return .skip }
        return .connection(connection)
    }
}
