import Foundation
import Synchronization

/// Just enough of an HTTP client to talk to a server of our own on this machine.
enum LocalHTTP {
    struct Answer: Sendable {
        let status: Int
        let body: String
    }

    struct Failure: Error {}

    private static let given = Mutex(Set<UInt16>())

    /// A port that nobody listens on.
    ///
    /// Below those that the kernel gives to outgoing connections: one of them could take it before the server does, or
    /// while the server is started again. No port is given twice.
    static func freePort() throws -> UInt16 {
        for _ in 0..<1000 {
            let port = UInt16.random(in: 20_000..<32_000)
            guard given.withLock({ $0.insert(port).inserted }) else { continue }
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(descriptor) }
            var address = loopback(port: port)
            let isFree = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isFree { return port }
        }
        throw Failure()
    }

    static func get(_ path: String, port: UInt16) throws -> Answer {
        try send("GET \(path) HTTP/1.1\r\nHost: localhost:\(port)\r\nConnection: close\r\n\r\n", port: port)
    }

    /// Posts a form, with Basic credentials.
    static func post(_ path: String, _ form: String, credentials: String, port: UInt16) throws -> Answer {
        let basic = Data(credentials.utf8).base64EncodedString()
        return try send(
            "POST \(path) HTTP/1.1\r\nHost: localhost:\(port)\r\nConnection: close\r\nAuthorization: Basic \(basic)\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(form.utf8.count)\r\n\r\n"
                + form,
            port: port
        )
    }

    private static func send(_ request: String, port: UInt16) throws -> Answer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: port)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw Failure() }
        var rest = Array(request.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure() }
            rest = rest.dropFirst(count)
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        let text = String(decoding: answer, as: UTF8.self)
        guard let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }),
            let head = text.range(of: "\r\n\r\n")
        else { throw Failure() }
        return Answer(status: status, body: String(text[head.upperBound...]))
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
