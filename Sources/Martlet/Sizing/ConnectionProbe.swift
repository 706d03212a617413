import Glibc
import HTTP
import Reactor
import Web

/// Measures by real sockets of this machine what a connection keeps and what a request costs, whatever it asks for.
struct ConnectionProbe: Sendable {
    let site: Site
    let group: EventLoopGroup
    let duration: Duration

    /// Connections at a time: with both ends in this process well below the usual limit of 1,024 descriptors.
    private static let connections = 256
    /// How many requests are sent before their answers are read; so many connections also come first, with which what
    /// is made once is made.
    private static let batch = 32
    /// What an idle connection is known to take where the difference is too small to be seen.
    private static let least: Int64 = 2048

    /// Why it could not measure.
    struct Failure: Error, CustomStringConvertible {
        let call: String
        let reason = String(cString: strerror(errno))

        var description: String { "\(call) on a socket of 127.0.0.1: \(reason)" }
    }

    func run() async throws -> ConnectionCost {
        guard let local = SocketAddress("127.0.0.1", port: 0) else { throw Failure(call: "inet_pton") }
        let server = HTTPServer(
            configuration: HTTP.ServerConfiguration(listeners: [ServerListener(.ip(local))]), group: group,
            respond: { [site] in await site.respond(to: $0) })
        try server.start()
        let client = try WorkerPool(name: "client", threads: 1, queueLimit: 1)
        let result: Result<ConnectionCost, any Error>
        do {
            guard let port = server.boundAddresses.first?.port else { throw Failure(call: "getsockname") }
            result = .success(try await client.run { [duration] in try Self.measure(port: port, for: duration) })
        } catch {
            result = .failure(error)
        }
        await client.stop()
        await server.drain(within: .seconds(5))
        return try result.get()
    }

    /// Blocks its thread, whose own time is taken off that of the process.
    private static func measure(port: UInt16, for duration: Duration) throws -> ConnectionCost {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        let request = Array("GET /jwks HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n".utf8)
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        // The first one makes what all need, and tells how long the answer is: it is the same for everybody.
        sockets.append(try connect(port: port))
        try send(request, to: sockets[0])
        let length = try receiveAnswer(from: sockets[0])
        var before: Int64 = 0
        for number in 1..<connections {
            if number == batch { before = HostFacts.resident }
            let socket = try connect(port: port)
            sockets.append(socket)
            try send(request, to: socket)
            try receive(length, from: socket, into: &buffer)
        }
        let bytes = (HostFacts.resident - before) / Int64(connections - batch)

        let (process, own) = (HostFacts.processorTime, HostFacts.threadTime)
        let end = Deadline.after(duration)
        var count = 0
        repeat {
            for socket in sockets.prefix(batch) { try send(request, to: socket) }
            for socket in sockets.prefix(batch) { try receive(length, from: socket, into: &buffer) }
            count += batch
        } while Deadline.now < end
        let spent = (HostFacts.processorTime - process) - (HostFacts.threadTime - own)
        return ConnectionCost(bytes: max(least, bytes), request: max(.nanoseconds(1), spent / count))
    }

    private static func connect(port: UInt16) throws(Failure) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(call: "socket") }
        // Nobody here may wait for ever.
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            let failure = Failure(call: "connect")
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    private static func send(_ request: [UInt8], to socket: Int32) throws(Failure) {
        guard Glibc.send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw Failure(call: "send")
        }
    }

    /// Reads one answer to its end and says how long it is.
    private static func receiveAnswer(from socket: Int32) throws(Failure) -> Int {
        var answer: [UInt8] = []
        var byte: UInt8 = 0
        while !answer.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(socket, &byte, 1, 0) == 1 else { throw Failure(call: "recv") }
            answer.append(byte)
        }
        let fields = String(decoding: answer, as: UTF8.self).lowercased().split(separator: "\r\n")
        let field = fields.first { $0.hasPrefix("content-length:") } ?? ""
        let content = Int(String(field.drop { !("0"..."9").contains($0) })) ?? 0
        var buffer = [UInt8](repeating: 0, count: 4096)
        try receive(content, from: socket, into: &buffer)
        return answer.count + content
    }

    private static func receive(_ length: Int, from socket: Int32, into buffer: inout [UInt8]) throws(Failure) {
        var rest = length
        while rest > 0 {
            let count = recv(socket, &buffer, min(rest, buffer.count), 0)
            guard count > 0 else { throw Failure(call: "recv") }
            rest -= count
        }
    }
}
