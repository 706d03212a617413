internal import Reactor

/// What a proxy sends before the first byte of its client: the PROXY protocol, version 2 (haproxy.org, 2020).
///
/// The older version in text is not taken: its end has to be searched for in bytes of the client.
struct ProxyHeader: Equatable {
    /// The client; `nil` where the proxy speaks for itself, such as to ask whether we are well.
    let client: SocketAddress?
    /// Whether the client came to the proxy by TLS.
    let isSecure: Bool

    /// Bytes before the part whose length they tell.
    static let prefixCount = 16
    /// The most bytes after that: addresses and what the proxy adds to them.
    static let restLimit = 2048

    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]

    /// How many bytes follow the prefix; `nil` if it is none, or announces more than the limit.
    static func restCount(_ prefix: [UInt8]) -> Int? {
        guard prefix.count == prefixCount, prefix.starts(with: signature) else { return nil }
        let count = Int(prefix[14]) << 8 | Int(prefix[15])
        return count <= restLimit ? count : nil
    }

    /// Reads a whole header; `nil` if it is malformed.
    init?(prefix: [UInt8], rest: [UInt8]) {
        guard Self.restCount(prefix) == rest.count, prefix[12] >> 4 == 2 else { return nil }
        switch prefix[12] & 15 {
        case 0:  // LOCAL: the rest means nothing
            client = nil
            isSecure = false
        case 1:
            let addresses: Int
            switch prefix[13] {
            case 0x11:
                addresses = 12
                guard rest.count >= addresses else { return nil }
                client = SocketAddress(bytes: Array(rest[0..<4]), port: Self.port(rest, at: 8))
            case 0x21:
                addresses = 36
                guard rest.count >= addresses else { return nil }
                client = SocketAddress(bytes: Array(rest[0..<16]), port: Self.port(rest, at: 32))
            case 0x00:
                addresses = 0
                client = nil
            default: return nil  // datagrams and paths: nobody sends HTTP/1.1 so
            }
            guard let isSecure = Self.isSecure(rest[addresses...]) else { return nil }
            self.isSecure = isSecure
        default: return nil
        }
    }

    private static func port(_ bytes: [UInt8], at index: Int) -> UInt16 {
        UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
    }

    /// Goes through the additions for the one about TLS (`PP2_TYPE_SSL`); `nil` if they do not fill their place.
    private static func isSecure(_ additions: ArraySlice<UInt8>) -> Bool? {
        var rest = additions
        var isSecure = false
        while !rest.isEmpty {
            let head = Array(rest.prefix(3))
            guard head.count == 3 else { return nil }
            let count = Int(head[1]) << 8 | Int(head[2])
            let value = rest.dropFirst(3).prefix(count)
            guard value.count == count else { return nil }
            if head[0] == 0x20, let flags = value.first { isSecure = flags & 1 != 0 }
            rest = rest.dropFirst(3 + count)
        }
        return isSecure
    }

    /// Reads the header off a connection, and no byte more; `nil` if what comes is none.
    static func read(from stream: Connection, until deadline: Deadline) async throws(ConnectionError) -> ProxyHeader? {
        guard let prefix = try await bytes(prefixCount, from: stream, until: deadline),
            let count = restCount(prefix), let rest = try await bytes(count, from: stream, until: deadline)
        else { return nil }
        return ProxyHeader(prefix: prefix, rest: rest)
    }

    private static func bytes(
        _ count: Int,
        from stream: Connection,
        until deadline: Deadline
    ) async throws(ConnectionError) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try await stream.read(upTo: count - bytes.count, until: deadline)
            guard !more.isEmpty else { return nil }
            bytes += more
        }
        return bytes
    }
}
