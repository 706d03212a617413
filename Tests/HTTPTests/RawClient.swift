import Glibc
import Reactor

/// A client that sends exactly the bytes it is told, over a blocking socket.
final class RawClient: @unchecked Sendable {
    // Used by one test at a time.
    private let descriptor: Int32
    private var received: [UInt8] = []
    private(set) var isAtEnd = false
    private var isReset = false

    struct Answer {
        let status: Int
        let head: String
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        func header(_ name: String) -> String? {
            head.split(separator: "\r\n").dropFirst().first {
                $0.lowercased().hasPrefix(name.lowercased() + ":")
            }.map { line in
                let value = line.dropFirst(name.utf8.count + 1)
                return String(value.drop { $0 == " " })
            }
        }
    }

    init(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // A defect shall show as a failure, not as a test that never ends.
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) {
        send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// The next answer; `nil` at the end of the stream.
    func answer(toHead: Bool = false) -> Answer? {
        while true {
            if let end = headEnd() {
                let head = String(decoding: received[..<end], as: UTF8.self)
                guard head.hasPrefix("HTTP/1.1 ") else { return nil }
                let answer = Answer(status: Int(head.split(separator: " ")[1]) ?? 0, head: head, body: [])
                let hasNone = toHead || answer.status == 304 || answer.status == 204 || answer.status < 200
                let length = hasNone ? 0 : answer.header("Content-Length").flatMap { Int($0) } ?? 0
                while received.count < end + length { guard receive() else { return nil } }
                let body = Array(received[end..<end + length])
                received.removeFirst(end + length)
                return Answer(status: answer.status, head: head, body: body)
            }
            guard receive() else { return nil }
        }
    }

    /// Whether bytes have come that nobody has looked at.
    func hasBytes() -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return !received.isEmpty || poll(&entry, 1, 0) > 0
    }

    /// Whether the server ends the stream here, with no byte more.
    func endsHere() -> Bool {
        received.isEmpty && !receive() && isAtEnd
    }

    /// The same, or the server throws the connection away, as it does over bytes that it has not read.
    func isCutOffHere() -> Bool {
        received.isEmpty && !receive() && (isAtEnd || isReset)
    }

    private func headEnd() -> Int? {
        guard received.count >= 4 else { return nil }
        return (4...received.count).first { received[$0 - 4..<$0].elementsEqual([13, 10, 13, 10]) }
    }

    private func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        var count = recv(descriptor, &buffer, buffer.count, 0)
        // A call with a time limit is not begun again by the kernel.
        while count < 0, errno == EINTR { count = recv(descriptor, &buffer, buffer.count, 0) }
        if count == 0 { isAtEnd = true }
        if count < 0, errno == ECONNRESET { isReset = true }
        guard count > 0 else { return false }
        received += buffer[..<count]
        return true
    }
}
