import CLinux
import Glibc

/// Connections to the loopback address.
enum ClientSocket {
    /// Connects and turns off delays; the descriptor is the caller's to close.
    static func connect(port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BenchFailure.call("socket") }
        guard attach(descriptor, port: port) else {
            defer { close(descriptor) }
            throw BenchFailure.call("connect to port \(port)")
        }
        return descriptor
    }

    private static func attach(_ descriptor: Int32, port: UInt16) -> Bool {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        return withLoopback(port: port) { Glibc.connect(descriptor, $0, $1) == 0 }
    }

    /// A listening socket at a free port, with the port.
    static func listen() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BenchFailure.call("socket") }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening =
            withLoopback(port: 0) { bind(descriptor, $0, $1) == 0 } && Glibc.listen(descriptor, 1024) == 0
            && withUnsafeMutablePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
            }
        guard isListening else {
            defer { close(descriptor) }
            throw BenchFailure.call("listen")
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// A port that nobody listened on a moment ago.
    static func freePort() throws -> UInt16 {
        let (descriptor, port) = try listen()
        close(descriptor)
        return port
    }

    private static func withLoopback<Result>(
        port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
