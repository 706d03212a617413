internal import Reactor

/// Who sent a request: the other end of the connection, or the client that a trusted proxy names.
public struct PeerAddress: Sendable, Hashable {
    let socket: SocketAddress
    /// Made once a connection, for every line of the log.
    private let text: String

    init(_ socket: SocketAddress) {
        self.socket = socket
        text = socket.host
    }

    /// Reads a numeric address, such as `127.0.0.1` or `2001:db8::1`; `nil` for anything else.
    public init?(_ text: String, port: UInt16 = 0) {
        guard let socket = SocketAddress(text, port: port) else { return nil }
        self.init(socket)
    }

    /// 127.0.0.1 without a port, for requests made inside the process.
    public static let loopback = PeerAddress(SocketAddress("127.0.0.1", port: 0) ?? .anyIPv4(port: 0))

    /// The address in network byte order: 4 bytes for IPv4, 16 for IPv6, none for a Unix-domain socket.
    public var bytes: [UInt8] { socket.bytes }

    /// The address as a number, below 2³² for IPv4; 0 for a Unix-domain socket.
    public var number: UInt128 { socket.number }

    /// The port at the other end.
    public var port: UInt16 { socket.port }
}

extension PeerAddress: CustomStringConvertible {
    /// The address without the port, in the usual notation.
    public var description: String { text }
}
