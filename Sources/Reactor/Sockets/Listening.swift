internal import CLinux
internal import Glibc

extension Listener {
    /// Listens at one place on all loops: with sockets of its own, or with those that were handed over.
    ///
    /// - Throws: when the place cannot be had; then nothing listens.
    public static func all(
        at place: ListenAddress,
        on loops: [EventLoop],
        adopting inherited: InheritedSockets? = nil
    ) throws(SystemError) -> [Listener] {
        if let inherited, case let sockets = inherited.take(at: place), !sockets.isEmpty {
            return try share(sockets, of: inherited, at: place, on: loops)
        }
        guard let loop = loops.first else { return [] }
        // With port 0 the first listener finds the port. The others join it, and nobody else has.
        let first = try Listener(place, on: loop, company: .later)
        var listeners = [first]
        for loop in loops.dropFirst() {
            switch first.place {
            case .ip: listeners.append(try Listener(first.place, on: loop))
            case .unix:
                let copy = ListeningSocket(descriptor: try first.duplicate(), claim: first.claim)
                listeners.append(Listener(adopting: copy, at: first.place, on: loop))
            }
        }
        return listeners
    }

    /// Every socket gets a loop, as the kernel gives each of them a share of the connections; and every loop a socket.
    private static func share(
        _ sockets: [ListeningSocket],
        of inherited: InheritedSockets,
        at place: ListenAddress,
        on loops: [EventLoop]
    ) throws(SystemError) -> [Listener] {
        var listeners: [Listener] = []
        for (index, socket) in sockets.enumerated() {
            let loop = loops[index % loops.count]
            listeners.append(Listener(adopting: socket, of: inherited, at: place, on: loop))
        }
        for index in listeners.count..<max(listeners.count, loops.count) {
            let original = listeners[index % sockets.count]
            let copy = ListeningSocket(descriptor: try original.duplicate(), claim: original.claim)
            listeners.append(Listener(adopting: copy, at: place, on: loops[index]))
        }
        return listeners
    }
}

extension ListenAddress {
    /// Where a socket is bound; `nil` if it is bound nowhere or to something that is no address of ours.
    init?(boundTo descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return nil }
        if Int32(storage.ss_family) == AF_UNIX {
            let path = withUnsafeBytes(of: storage) { raw in
                raw[min(2, Int(length))..<min(Int(length), raw.count)].prefix { $0 != 0 }
            }
            guard let path = UnixSocketPath(String(decoding: path, as: UTF8.self)) else { return nil }
            self = .unix(path)
        } else {
            guard let address = SocketAddress(storage) else { return nil }
            self = .ip(address)
        }
    }
}
