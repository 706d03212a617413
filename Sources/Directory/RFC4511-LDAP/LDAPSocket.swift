import Glibc
import Reactor

/// Connected sockets for the library, which by itself would wait for a connection as long as the kernel does.
enum LDAPSocket {
    /// Addresses of a host that are tried.
    private static let addressLimit = 8

    /// A blocking socket that is connected to a host by then, and held by the call; the library closes it.
    static func connect(
        to host: DirectorySettings.Host, until deadline: Deadline, _ call: DirectoryCall
    ) throws(DirectoryFault) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host.name, "\(host.port)", &hints, &list) == 0, let list else {
            throw .unavailable(.unknownHost)
        }
        defer { freeaddrinfo(list) }
        let all = sequence(first: list, next: { $0.pointee.ai_next }).prefix(addressLimit).map(\.pointee)
        var last = DirectoryFault.unavailable(.unreachable)
        for (index, address) in all.enumerated() {
            // Each has its part of the time, so that one that is not there leaves some for the others.
            let now = Deadline.now
            let left = deadline.nanoseconds > now.nanoseconds ? deadline.nanoseconds - now.nanoseconds : 0
            let part = now.advanced(byNanoseconds: left / UInt64(all.count - index))
            do throws(DirectoryFault) {
                return try connect(address, until: part, call)
            } catch {
                last = error
            }
            if call.isCut { throw .unavailable(.timedOut) }
        }
        throw last
    }

    private static func connect(
        _ address: addrinfo, until deadline: Deadline, _ call: DirectoryCall
    ) throws(DirectoryFault) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, kind, 0)
        guard descriptor >= 0 else { throw .unavailable(.unreachable) }
        var isTaken = false
        defer { if !isTaken { close(descriptor) } }
        guard call.hold(descriptor) else { throw .unavailable(.timedOut) }
        if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 {
            guard errno == EINPROGRESS else { throw .unavailable(.unreachable) }
            try wait(descriptor, until: deadline)
            var code: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0, code == 0 else {
                throw .unavailable(call.isCut ? .timedOut : .unreachable)
            }
        }
        // From here on the call is what ends waiting.
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) == 0 else {
            throw .unavailable(.unreachable)
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        isTaken = true
        return descriptor
    }

    private static func wait(_ descriptor: Int32, until deadline: Deadline) throws(DirectoryFault) {
        var wish = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while true {
            let left = DirectoryCall.milliseconds(until: deadline)
            let count = poll(&wish, 1, Int32(clamping: left))
            if count > 0 { return }
            guard count < 0, errno == EINTR, left > 0 else { throw .unavailable(.timedOut) }
        }
    }
}
