import Glibc
import HTTP
import Testing

/// What mail servers answer is for the live test, with a real one; here is what happens where none does.
@Suite("RFC 5321: a mail server that does not answer")
struct SMTPClientTests {
    /// A port of 127.0.0.1, for as long as it lives; where it listens, connections are made and nobody speaks.
    final class SilentPort {
        let number: Int
        private let descriptor: Int32

        init(listens: Bool) throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = descriptor
            let isBound = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    bind(descriptor, pointer, size) == 0 && getsockname(descriptor, pointer, &size) == 0
                }
            }
            try #require(isBound)
            if listens { try #require(listen(descriptor, 8) == 0) }
            number = Int(UInt16(bigEndian: address.sin_port))
        }

        deinit { close(descriptor) }
    }

    static func server(_ port: Int, timeout: Duration, _ protection: SMTPServer.Protection = .required) -> SMTPServer {
        SMTPServer(
            host: "127.0.0.1", port: port, protection: protection, user: "martlet", password: "a secret password",
            authorities: nil, greeting: "id.example", timeout: timeout)
    }

    static func send(_ server: SMTPServer) async throws {
        let client = try SMTPClient(server)
        do {
            try await client.send(
                Array("Subject: x\r\n\r\nx\r\n".utf8), from: "a@mail.example", to: "b@mail.example")
        } catch {
            await client.stop()
            throw error
        }
        await client.stop()
    }

    @Test(arguments: [SMTPServer.Protection.required, .implicit, .offered])
    func whoSaysNothingIsGivenUp(_ protection: SMTPServer.Protection) async throws {
        let port = try SilentPort(listens: true)
        await #expect(throws: SMTPError.timedOut) {
            try await Self.send(Self.server(port.number, timeout: .seconds(1), protection))
        }
        withExtendedLifetime(port) {}
    }

    @Test func nobodyIsThere() async throws {
        let port = try SilentPort(listens: false)
        await #expect(throws: SMTPError.unreachable) {
            try await Self.send(Self.server(port.number, timeout: .seconds(600)))
        }
        withExtendedLifetime(port) {}
    }

    /// Would wait for an hour, were it not cancelled.
    @Test func aCancelledMailWaitsForNobody() async throws {
        let port = try SilentPort(listens: true)
        let number = port.number
        let sending = Task { try await Self.send(Self.server(number, timeout: .seconds(3600))) }
        sending.cancel()
        await #expect(throws: CancellationError.self) { try await sending.value }
        withExtendedLifetime(port) {}
    }

    @Test func noPasswordIsPrinted() {
        let server = Self.server(25, timeout: .seconds(1))
        #expect("\(server)" == "127.0.0.1:25")
        #expect(!String(reflecting: server).contains("secret"))
        var text = ""
        dump(server, to: &text)
        #expect(!text.contains("secret"))
    }

    @Test(arguments: [(550, true), (551, true), (553, true), (450, false), (552, false), (530, false)])
    func onlyAMailboxThatIsNotThereIsFinal(_ code: Int, _ isFinal: Bool) {
        #expect(SMTPError.refused(code: code).isFinal == isFinal)
        #expect(!SMTPError.timedOut.isFinal)
    }
}
