import CLinux
import Glibc

/// One connection that asks and waits: for set-up and for latencies, not for load.
final class Conversation {
    private let descriptor: Int32
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)

    init(port: UInt16) throws {
        descriptor = try ClientSocket.connect(port: port)
        // Nothing that is measured takes that long; a server that hangs must not hang us.
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// Sends a request and reads the answer.
    func ask(_ request: [UInt8]) throws -> Reply {
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw BenchFailure.call("send")
        }
        var filled = 0
        while filled < buffer.count, let base = buffer.baseAddress {
            let count = recv(descriptor, base + filled, buffer.count - filled, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw count == 0 ? BenchFailure("the server hung up") : BenchFailure.call("recv") }
            filled += count
            if let answer = try Answer(UnsafeRawBufferPointer(start: base, count: filled)) {
                return Reply(copying: answer)
            }
        }
        throw BenchFailure("an answer longer than \(buffer.count) bytes")
    }
}
