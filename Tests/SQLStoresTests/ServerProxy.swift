import Foundation
import Glibc

/// A TCP proxy before the server of the tests that reads what the server says, message by message, and has a rule decide
/// what becomes of it.
///
/// PostgreSQL manual, §55.7: a byte for the type, four for the length, the body.
final class ServerProxy: Sendable {
    struct Message {
        let type: Character
        let bytes: [UInt8]

        /// What it holds up to the first NUL, as far as it is text.
        var text: String { String(decoding: bytes.dropFirst(5).prefix { $0 != 0 }, as: UTF8.self) }
    }

    enum Verdict {
        /// It goes on, in one piece with all that was held before it.
        case pass
        /// It waits for one that passes.
        case hold
        /// It goes on, then come these last words, and the connection ends.
        case passAndEnd([UInt8])
        /// The connection ends without it.
        case end
    }

    typealias Rule = @Sendable (Message) -> Verdict

    private let listener: Int32
    private let port: Int

    init(_ rule: @escaping Rule) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var here = ServerProxy.address(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = ServerProxy.withSocketAddress(&here) {
            bind(listener, $0, size) == 0 && listen(listener, 64) == 0
        }
        guard isBound, let target = URLComponents(string: TestServer.address)?.port else { throw Unavailable() }
        _ = ServerProxy.withSocketAddress(&here) { getsockname(listener, $0, &size) }
        port = Int(UInt16(bigEndian: here.sin_port))
        self.listener = listener
        Thread.detachNewThread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                ServerProxy.join(client, to: target, rule)
            }
            Glibc.close(listener)
        }
    }

    struct Unavailable: Error {}

    /// Takes no more connections.
    func close() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// The address of a schema, by way of the proxy.
    func address(of schema: TemporarySchema) throws -> String {
        guard let there = URLComponents(string: TestServer.address)?.port else { throw Unavailable() }
        // What is encrypted could not be read.
        return schema.address.replacing(":\(there)/", with: ":\(port)/") + "&sslmode=disable&gssencmode=disable"
    }

    /// An error that ends the connection, as the server says it.
    static func fatal(_ state: String) -> [UInt8] {
        var body: [UInt8] = []
        for field in ["SFATAL", "VFATAL", "C\(state)", "Mthe connection ends", ""] { body += Array(field.utf8) + [0] }
        let length = withUnsafeBytes(of: UInt32(body.count + 4).bigEndian) { Array($0) }
        return [UInt8(ascii: "E")] + length + body
    }

    // MARK: Connections

    /// Both ends of one connection; closed when neither direction needs them.
    private final class Ends: Sendable {
        let client: Int32
        let server: Int32

        init(client: Int32, server: Int32) { (self.client, self.server) = (client, server) }

        deinit {
            Glibc.close(client)
            Glibc.close(server)
        }

        func shut() {
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    private static func join(_ client: Int32, to port: Int, _ rule: @escaping Rule) {
        let ends = Ends(client: client, server: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var there = address(port: UInt16(port))
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard withSocketAddress(&there, { connect(ends.server, $0, size) }) == 0 else { return }
        Thread.detachNewThread {
            while let bytes = receive(ends.client), send(bytes, to: ends.server) {}
            ends.shut()
        }
        Thread.detachNewThread {
            judge(ends, rule)
            ends.shut()
        }
    }

    private static func judge(_ ends: Ends, _ rule: Rule) {
        var (unread, held): ([UInt8], [UInt8]) = ([], [])
        while let bytes = receive(ends.server) {
            unread += bytes
            while unread.count >= 5 {
                let length = 1 + unread[1..<5].reduce(0) { $0 << 8 | Int($1) }
                guard unread.count >= length else { break }
                let message = Message(type: Character(UnicodeScalar(unread[0])), bytes: Array(unread[..<length]))
                unread.removeFirst(length)
                switch rule(message) {
                case .hold: held += message.bytes
                case .pass:
                    guard send(held + message.bytes, to: ends.client) else { return }
                    held = []
                case .passAndEnd(let words):
                    _ = send(held + message.bytes + words, to: ends.client)
                    return
                case .end: return
                }
            }
        }
    }

    // MARK: Bytes

    private static func receive(_ descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16384)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return count > 0 ? Array(bytes[..<count]) : nil
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func withSocketAddress<Result>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}
