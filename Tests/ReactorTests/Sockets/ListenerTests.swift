import Glibc
import Testing

@testable import Reactor

@Suite("Listeners", .timeLimit(.minutes(2)))
struct ListenerTests {
    @Test func ofTwoServersOneGetsThePort() async throws {
        try await withLoops(2) { group in
            let first = try Listener(.ip(SocketAddress("127.0.0.1", port: 0)!), on: group.loops[0], company: .later)
            let inUse = #expect(throws: SystemError.self) {
                _ = try Listener(first.place, on: group.loops[1], company: .later)
            }
            #expect(inUse?.code == EADDRINUSE)
            // Its own other loops come in.
            #expect(try Listener(first.place, on: group.loops[1]).place == first.place)
        }
    }

    @Test func anErrorThatLastsDoesNotSpin() async throws {
        for code in [ECONNABORTED, EINTR, EPERM, EPROTO] { #expect(Listener.isOfOneConnection(code)) }
        for code in [EMFILE, ENFILE, ENOBUFS, ENOMEM, EINVAL, EBADF, ENOTSOCK, EOPNOTSUPP, EFAULT] {
            #expect(!Listener.isOfOneConnection(code))
        }
        try await withLoops(1) { group in
            let loop = group.loops[0]
            let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!, on: loop)
            let copy = try listener.duplicate()
            // From now on every accept fails with EINVAL.
            shutdown(copy, Int32(SHUT_RDWR))
            close(copy)
            async let connection = loop.run { await listener.accept() == nil }
            // The loop turns all the same.
            for _ in 0..<3 { try await loop.sleep(until: .after(.milliseconds(1))) }
            listener.loop.execute { listener.close() }
            #expect(try await connection)
        }
    }
}
