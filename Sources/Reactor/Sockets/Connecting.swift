internal import CLinux
internal import Glibc

extension Connection {
    /// Opens a connection.
    ///
    /// To be called by a task of `loop`.
    public static func connect(
        to address: SocketAddress,
        on loop: EventLoop,
        until deadline: Deadline
    ) async throws(ConnectionError) -> Connection {
        let descriptor = address.openSocket()
        guard descriptor >= 0 else { throw .system(SystemError("socket")) }
        let result = address.withSockAddr { Glibc.connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            let error = SystemError("connect")
            Glibc.close(descriptor)
            throw .system(error)
        }
        // Only now: the kernel would report a socket that has not begun to connect as broken.
        let connection: Connection
        do {
            connection = try Connection(descriptor: descriptor, peer: address, on: loop)
        } catch {
            throw .system(error)
        }
        if result == 0 { return connection }
        do {
            try await connection.waitConnected(until: deadline)
        } catch {
            connection.close()
            throw error
        }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        guard code == 0 else {
            connection.close()
            throw .system(SystemError("connect", code: code))
        }
        return connection
    }
}

extension SocketAddress {
    /// A non-blocking stream socket of the family; -1 on failure.
    func openSocket() -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let domain =
            switch family {
            case .ipv4: AF_INET
            case .ipv6: AF_INET6
            case .local: AF_UNIX
            }
        return socket(domain, kind, 0)
    }
}
