import Glibc
import Reactor
import TLSTesting
import Testing

@testable import Directory

/// A port of this machine at which a test plays a directory by hand, each connection on a thread of its own.
///
/// A port that is not listened to refuses connections; it stays taken as long as the value lives.
final class PlayedDirectory: Sendable {
    /// What happens on each connection, in turn; the last goes on for all others.
    typealias Play = @Sendable (PlayedConnection) -> Void

    let port: UInt16
    private let descriptor: Int32
    private let plays: [Play]
    private let end = Semaphore()

    /// Begins to listen, unless there is nothing to play.
    init(_ plays: Play...) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        try #require(isBound)
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
        self.plays = plays
        guard let last = plays.last else { return }
        try #require(listen(descriptor, 64) == 0)
        try startThread(name: "played") { [descriptor, end] in
            var number = 0
            while true {
                let accepted = accept(descriptor, nil, nil)
                guard accepted >= 0 else { break }
                let play = number < plays.count ? plays[number] : last
                number += 1
                try? startThread(name: "play") { play(PlayedConnection(accepted)) }
            }
            end.signal()
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        if !plays.isEmpty { end.wait() }
        close(descriptor)
    }
}

/// One connection to a directory that a test plays.
final class PlayedConnection {
    private let descriptor: Int32
    private var tls: TLSAcceptor?

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        tls = nil
        close(descriptor)
    }

    /// Does a handshake; false where it comes to nothing.
    func secure(_ certificate: TestCertificate, versions: ClosedRange<Int> = 0x0303...0x0304) -> Bool {
        tls = TLSAcceptor(descriptor, certificate, versions: versions)
        return tls != nil
    }

    /// Sends all bytes; false where nobody takes them any more.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        if let tls { return tls.send(bytes) }
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Some of what comes next, in clear where there is no TLS; empty at the end.
    func receive(_ count: Int = 4096) -> [UInt8] {
        if let tls { return tls.receive(count) }
        var bytes = [UInt8](repeating: 0, count: count)
        let read = recv(descriptor, &bytes, count, 0)
        return Array(bytes[..<max(0, read)])
    }

    /// All that still comes until the other side has closed.
    func drain() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let more = receive()
            guard !more.isEmpty else { return all }
            all += more
        }
    }

    /// The next message: its number, its operation, and what that holds; nil at the end.
    func message() -> (id: UInt8, operation: UInt8, content: [UInt8])? {
        guard exactly(1) == [0x30], let length = length(), let bytes = exactly(length), bytes.count > 4,
            bytes[0] == 0x02, bytes[1] == 1
        else { return nil }
        return (bytes[2], bytes[3], Array(bytes.dropFirst(4)))
    }

    private func length() -> Int? {
        guard let first = exactly(1)?.first else { return nil }
        guard first >= 0x80 else { return Int(first) }
        return exactly(Int(first & 0x7F))?.reduce(0) { $0 << 8 | Int($1) }
    }

    private func exactly(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = receive(count - bytes.count)
            guard !more.isEmpty else { return nil }
            bytes += more
        }
        return bytes
    }

    /// Answers the next message, which must be of an operation; false where there is none.
    @discardableResult
    func answer(_ operation: UInt8, _ answers: (operation: UInt8, content: [UInt8])...) -> Bool {
        guard let message = message(), message.operation == operation else { return false }
        for (operation, content) in answers { send(BER.message(message.id, operation, content)) }
        return true
    }

    /// Takes the account that searches, and says that there is Ada, whose password is right.
    func playWell() {
        answer(Operation.bind, (Operation.bindResponse, BER.result(0)))
        answer(Operation.search, (Operation.entry, PlayedConnection.ada), (Operation.searchEnd, BER.result(0)))
        answer(Operation.bind, (Operation.bindResponse, BER.result(0)))
        _ = drain()
    }

    static let ada = BER.entry(
        "uid=ada,dc=x", [("mail", ["ada@x.org"]), ("entryUUID", ["e-ada"]), ("displayName", ["Ada"])])
}
