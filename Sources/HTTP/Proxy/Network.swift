public import Reactor

/// Addresses that begin with the same bits: RFC 4632 §3.1, RFC 4291 §2.3.
public struct Network: Sendable, Hashable {
    private let family: SocketAddress.Family
    private let prefix: [UInt8]
    private let length: Int

    /// Why a text is no network.
    public enum Refusal: Error, Sendable, Hashable {
        /// Not an address, with or without a length.
        case malformed
        /// There are bits behind the prefix, so perhaps another network is meant.
        case bitsBehindPrefix
    }

    /// Reads `10.0.0.0/8`, `2001:db8::/32`, one address, or `unix` for peers on Unix-domain sockets.
    public init(_ text: String) throws(Refusal) {
        if text == "unix" {
            self.init(of: .local)
            return
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = SocketAddress(String(parts[0]), port: 0) else { throw .malformed }
        guard parts.count == 2 else {
            self.init(of: address)
            return
        }
        let digits = parts[1]
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(digits), length <= address.bytes.count * 8
        else { throw .malformed }
        self.init(family: address.family, prefix: address.bytes, length: length)
        for bit in length..<prefix.count * 8 where prefix[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 {
            throw .bitsBehindPrefix
        }
    }

    /// Loopback, IPv4 and IPv6, and Unix-domain sockets: nobody but this machine.
    public static let ofThisMachine = [
        Network(family: .ipv4, prefix: [127, 0, 0, 0], length: 8),
        Network(family: .ipv6, prefix: Array(repeating: 0, count: 15) + [1], length: 128),
        Network(of: .local),
    ]

    private init(of address: SocketAddress) {
        self.init(family: address.family, prefix: address.bytes, length: address.bytes.count * 8)
    }

    private init(family: SocketAddress.Family, prefix: [UInt8], length: Int) {
        self.family = family
        self.prefix = prefix
        self.length = length
    }

    /// Whether every address of its family belongs to it.
    public var isEverybody: Bool { length == 0 && family != .local }

    /// Whether an address belongs to the network.
    public func contains(_ address: SocketAddress) -> Bool {
        guard address.family == family else { return false }
        let bytes = address.bytes
        let whole = length / 8
        guard bytes.prefix(whole) == prefix.prefix(whole) else { return false }
        guard length % 8 != 0 else { return true }
        return (bytes[whole] ^ prefix[whole]) >> UInt8(8 - length % 8) == 0
    }
}
