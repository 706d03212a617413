import COpenSSL
import Glibc
import Synchronization

/// Begins TLS handshakes, waits for the server's half of each, and does nothing with it: what costs the server a
/// signature and a key exchange costs this almost nothing.
final class HandshakeFlood: Sendable {
    private let isOver = Atomic(false)
    private let answered = Atomic(0)
    private let cut = Atomic(0)
    private let threads = Mutex<[Thread]>([])

    /// Threads that each wait for one answer at a time.
    private static let sources = 32
    /// Handshakes that each of them leaves half done before it drops the oldest: together more than a server shall keep.
    private static let heldBySource = 50

    /// Descriptors that it needs.
    static let descriptors = sources * (heldBySource + 1)

    /// Starts.
    init(port: UInt16) throws {
        let hello = try HandshakeFlood.hello()
        for _ in 0..<HandshakeFlood.sources {
            let thread = try Thread { [self] in run(hello, port) }
            threads.withLock { $0.append(thread) }
        }
    }

    /// Ends: handshakes that the server has done its half of, and connections that it closed instead.
    func stop() -> (answered: Int, cut: Int) {
        isOver.store(true, ordering: .relaxed)
        threads.withLock { threads in
            for thread in threads { thread.join() }
            threads = []
        }
        return (answered.load(ordering: .relaxed), cut.load(ordering: .relaxed))
    }

    private func run(_ hello: [UInt8], _ port: UInt16) {
        var held: [Int32] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while !isOver.load(ordering: .relaxed) {
            guard let descriptor = try? ClientSocket.connect(port: port) else { continue }
            held.append(descriptor)
            let isAnswered =
                send(descriptor, hello, hello.count, Int32(MSG_NOSIGNAL)) == hello.count
                && recv(descriptor, &buffer, buffer.count, 0) > 0
            if isAnswered { answered.add(1, ordering: .relaxed) } else { cut.add(1, ordering: .relaxed) }
            if held.count > HandshakeFlood.heldBySource { HandshakeFlood.drop(held.removeFirst()) }
        }
        for descriptor in held { HandshakeFlood.drop(descriptor) }
    }

    /// Without a port that stays taken for a minute.
    private static func drop(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }

    /// The first message of a client, the same for all.
    private static func hello() throws -> [UInt8] {
        let context = SSL_CTX_new(TLS_client_method())
        defer { SSL_CTX_free(context) }
        let session = SSL_new(context)
        defer { SSL_free(session) }
        guard session != nil, let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
            throw BenchFailure("no TLS session")
        }
        SSL_set_bio(session, input, output)
        SSL_set_connect_state(session)
        SSL_do_handshake(session)
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = BIO_read(output, &bytes, Int32(bytes.count))
        guard count > 0 else { throw BenchFailure("no first message of a TLS client") }
        return Array(bytes[..<Int(count)])
    }
}
