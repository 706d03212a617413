import CLinux
import Glibc
import Synchronization

/// The least that a server can do: waits, reads, looks for the end of the request and sends prepared bytes.
///
/// What it reaches on the server's processor is the ceiling for any answer of that size.
final class BareResponder: Sendable {
    let port: UInt16
    private let listener: Int32
    private let answer: [UInt8]
    private let isOver = Atomic(false)

    private init(answer: [UInt8]) throws {
        (listener, port) = try ClientSocket.listen()
        self.answer = answer
    }

    /// Runs one on the processors of the calling thread while `body` loads it from wherever it likes.
    static func run<Result>(
        answer: [UInt8], on processors: Processors, _ body: (Running) throws -> Result
    ) throws -> Result {
        let responder = try BareResponder(answer: answer)
        let thread = try processors.onServerCore { try Thread { responder.serve() } }
        defer {
            responder.isOver.store(true, ordering: .relaxed)
            thread.join()
            close(responder.listener)
        }
        return try body(Running(port: responder.port, thread: thread))
    }

    /// One that runs.
    struct Running {
        let port: UInt16
        fileprivate let thread: Thread

        /// What a load of it comes to.
        func rate(_ load: () throws -> LoadResult) rethrows -> Rate {
            let start = thread.processorTime
            let result = try load()
            return Rate(
                operations: result.answers, seconds: result.seconds, processorTime: thread.processorTime - start)
        }
    }

    private func serve() {
        let poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        var sockets: Set<Int32> = []
        watch(listener, poll)
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while !isOver.load(ordering: .relaxed) {
            let count = epoll_wait(poll, &events, Int32(events.count), 50)
            guard count > 0 else { continue }
            for event in events[..<Int(count)] {
                if event.data.fd == listener {
                    let socket = accept4(listener, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
                    guard socket >= 0 else { continue }
                    var on: Int32 = 1
                    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
                    sockets.insert(socket)
                    watch(socket, poll)
                } else if !turn(event.data.fd, &buffer) {
                    sockets.remove(event.data.fd)
                    close(event.data.fd)
                }
            }
        }
        for socket in sockets { close(socket) }
        close(poll)
    }

    private func watch(_ descriptor: Int32, _ poll: Int32) {
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: descriptor))
        epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event)
    }

    /// One answer for each request that arrived whole, which is how the load sends them; false at the end.
    private func turn(_ socket: Int32, _ buffer: inout [UInt8]) -> Bool {
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
        return buffer.withUnsafeBytes { bytes in
            let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            var position = 0
            while let found = bytes.firstIndex(of: "\r\n\r\n", from: position) {
                position = found + 4
                guard send(socket, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count else {
                    return false
                }
            }
            return true
        }
    }
}
