import CLinux
import Glibc

/// One connection of a load generator: its socket, its buffer and what it waits for.
struct LoadConnection {
    let descriptor: Int32
    /// Answers that are still to come.
    var awaited = 0
    var sentAt: UInt64 = 0
    private(set) var filled = 0
    private let buffer: UnsafeMutableRawBufferPointer

    /// What the server may send at once.
    private static let capacity = 64 * 1024

    init(port: UInt16) throws {
        descriptor = try ClientSocket.connect(port: port)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        buffer = .allocate(byteCount: LoadConnection.capacity, alignment: 16)
    }

    func close() {
        Glibc.close(descriptor)
        buffer.deallocate()
    }

    /// Sends all of it; requests are far smaller than what a socket takes.
    func send(_ request: UnsafeRawBufferPointer) throws {
        let count = Glibc.send(descriptor, request.baseAddress, request.count, Int32(MSG_NOSIGNAL))
        guard count == request.count else {
            throw count < 0 ? BenchFailure.call("send") : BenchFailure("the server takes no more requests")
        }
    }

    /// What a read brought.
    enum Arrival {
        case bytes, nothing, end
    }

    mutating func receive() throws -> Arrival {
        guard let base = buffer.baseAddress, filled < buffer.count else {
            throw BenchFailure("an answer longer than \(buffer.count) bytes")
        }
        let count = recv(descriptor, base + filled, buffer.count - filled, 0)
        if count > 0 {
            filled += count
            return .bytes
        }
        if count == 0 || errno == ECONNRESET { return .end }
        guard errno == EAGAIN || errno == EINTR else { throw BenchFailure.call("recv") }
        return .nothing
    }

    /// The answer that begins at `offset`, if it is complete.
    func answer(at offset: Int) throws -> Answer? {
        try Answer(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[offset..<filled]))
    }

    /// Forgets the bytes before `offset`.
    mutating func discard(upTo offset: Int) {
        guard offset > 0, let base = buffer.baseAddress else { return }
        memmove(base, base + offset, filled - offset)
        filled -= offset
    }
}
