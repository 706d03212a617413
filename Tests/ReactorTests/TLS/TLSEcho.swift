import Glibc
import Reactor
import TLSTesting

extension Deadline {
    /// Seconds since 1970.
    static var wallClock: time_t { time(nil) }
}

extension TestCertificate {
    var identity: TLSIdentity {
        get throws { try TLSIdentity(certificate: pem, key: keyPEM) }
    }
}

/// Runs `body` with the port of a TLS server that sends back what it gets, and says goodbye when the client does.
///
/// - Parameter failures: told why a handshake came to nothing.
func withTLSEcho(
    _ server: TLSServer,
    asking: ClientCertificateRequest = .none,
    deadline: Duration = .seconds(300),
    loops: Int = 1,
    failures: @escaping @Sendable (ConnectionError) -> Void = { _ in },
    certificates: @escaping @Sendable (ClientCertificate?) -> Void = { _ in },
    _ body: @Sendable (UInt16) async throws -> Void
) async throws {
    try await withLoops(loops) { group in
        let listeners = try Listener.all(
            at: .ip(SocketAddress("127.0.0.1", port: 0)!), on: group.loops)
        try await withThrowingDiscardingTaskGroup { tasks in
            for listener in listeners {
                tasks.addTask(executorPreference: listener.loop) {
                    await withDiscardingTaskGroup { connections in
                        while let stream = await listener.accept() {
                            connections.addTask(executorPreference: listener.loop) {
                                do {
                                    try await stream.startTLS(server, asking: asking, until: .after(deadline))
                                    certificates(stream.clientCertificate)
                                    while true {
                                        let bytes = try await stream.read(upTo: 20_000, until: .generous)
                                        guard !bytes.isEmpty else { break }
                                        try await stream.write(bytes, until: .generous)
                                    }
                                    stream.close()
                                } catch {
                                    if let error = error as? ConnectionError { failures(error) }
                                    await stream.closeGently(until: .after(.seconds(60)))
                                }
                            }
                        }
                    }
                }
            }
            defer { for listener in listeners { listener.loop.execute { listener.close() } } }
            try await body(listeners[0].address.port)
        }
    }
}
