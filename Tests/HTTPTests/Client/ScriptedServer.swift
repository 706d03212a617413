import Glibc
import Reactor

/// A server on a free port of loopback that does what its script says with each connection, HTTP or not.
///
/// `@unchecked Sendable`: the two numbers never change, and the accepted count has its lock.
final class ScriptedServer: @unchecked Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let accepted = Locked(0)

    var connectionCount: Int { accepted.withLock { $0 } }

    /// Calls `script` with each connection, on a thread of its own, after the request's header has come.
    init(_ script: @escaping @Sendable (_ connection: Int32) -> Void) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        port = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = bind(descriptor, $0, length) }
            listen(descriptor, 16)
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        try startThread(name: "script") { [self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                if connection < 0, errno == EINTR || errno == ECONNABORTED { continue }
                guard connection >= 0 else {
                    close(descriptor)
                    return
                }
                // A program that another test starts must not keep it open.
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                accepted.withLock { $0 += 1 }
                try? startThread(name: "script-one") {
                    var bytes = [UInt8](repeating: 0, count: 65_536)
                    var count = 0
                    while !bytes[..<count].indices.contains(where: { bytes[$0...].starts(with: [13, 10, 13, 10]) }) {
                        let more = recv(connection, &bytes[count], bytes.count - count, 0)
                        if more < 0, errno == EINTR { continue }
                        guard more > 0 else { break }
                        count += more
                    }
                    script(connection)
                    close(connection)
                }
            }
        }
    }

    /// Gives the port back once the thread has seen it.
    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Whether somebody listens on a port of loopback.
    static func accepts(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// Sends a text; false once the other end has gone.
    @discardableResult
    static func send(_ text: String, to connection: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Waits until the other end has gone.
    static func waitForEnd(of connection: Int32) {
        var byte: UInt8 = 0
        while true {
            let count = recv(connection, &byte, 1, 0)
            guard count > 0 || count < 0 && errno == EINTR else { return }
        }
    }
}
