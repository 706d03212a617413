internal import CLinux
internal import Glibc

/// An IP address with a port, as the kernel names one end of a TCP connection.
///
/// A plain value of 32 bytes: no reference, so copying it between tasks costs nothing.
public struct SocketAddress: Sendable, Hashable {
    /// The family of the address.
    public enum Family: UInt8, Sendable, Hashable {
        /// 32 bits, RFC 791.
        case ipv4
        /// 128 bits, RFC 4291.
        case ipv6
        /// This machine, by a Unix-domain socket: no number and no port.
        case local
    }

    /// The family of the address.
    public let family: Family
    /// The port in host byte order; 0 asks the kernel for a free one when listening.
    public var port: UInt16
    /// Zone of a link-local IPv6 address, 0 elsewhere.
    let scope: UInt32
    /// The address as a number: the low 32 bits for IPv4.
    public let number: UInt128

    init(family: Family, number: UInt128, port: UInt16, scope: UInt32 = 0) {
        self.family = family
        self.number = number
        self.port = port
        self.scope = scope
    }

    /// Reads a numeric address, such as `127.0.0.1` or `::1`; `nil` for anything else (names are not resolved).
    ///
    /// IPv4 mapped into IPv6 becomes IPv4, as in what the kernel says of peers.
    public init?(_ text: String, port: UInt16) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(family: .ipv4, number: UInt128(UInt32(bigEndian: v4.s_addr)), port: port)
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self.init(v6: Self.number(v6), port: port)
        } else {
            return nil
        }
    }

    /// An address in network byte order, of 4 or 16 bytes; `nil` for any other count.
    ///
    /// IPv4 mapped into IPv6 becomes IPv4.
    public init?(bytes: [UInt8], port: UInt16) {
        let number = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        switch bytes.count {
        case 4: self.init(family: .ipv4, number: number, port: port)
        case 16: self.init(v6: number, port: port)
        default: return nil
        }
    }

    private init(v6 number: UInt128, port: UInt16, scope: UInt32 = 0) {
        if number >> 32 == 0xffff {
            self.init(family: .ipv4, number: number & 0xffff_ffff, port: port)
        } else {
            self.init(family: .ipv6, number: number, port: port, scope: scope)
        }
    }

    /// The other end of a Unix-domain socket.
    public static let local = Self(family: .local, number: 0, port: 0)

    /// Whether only this machine can have it: RFC 1122 §3.2.1.3, RFC 4291 §2.5.3.
    public var isLoopback: Bool {
        switch family {
        case .ipv4: number >> 24 == 127
        case .ipv6: number == 1
        case .local: true
        }
    }

    /// Any IPv4 address of this machine.
    public static func anyIPv4(port: UInt16) -> Self { Self(family: .ipv4, number: 0, port: port) }

    /// Any IPv6 address of this machine (IPv4 not included: listeners are single family).
    public static func anyIPv6(port: UInt16) -> Self { Self(family: .ipv6, number: 0, port: port) }

    /// The address in network byte order: 4 bytes, 16, or none for `local`.
    public var bytes: [UInt8] {
        let count =
            switch family {
            case .ipv4: 4
            case .ipv6: 16
            case .local: 0
            }
        return (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * (count - 1 - $0))) }
    }

    /// The address without its port, in the usual notation; `unix` for `local`.
    public var host: String {
        switch family {
        case .ipv4: return Self.dotted(UInt32(truncatingIfNeeded: number))
        case .ipv6:
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            var address = Self.in6(number)
            inet_ntop(AF_INET6, &address, &text, socklen_t(INET6_ADDRSTRLEN))
            return text.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { String(cString: $0) } ?? ""
            }
        case .local: return "unix"
        }
    }

    /// Four numbers with dots, for each line of the access log: the C library takes many times as long.
    private static func dotted(_ number: UInt32) -> String {
        String(unsafeUninitializedCapacity: 15) { text in
            var count = 0
            func append(_ byte: UInt32) {
                text.initializeElement(at: count, to: UInt8(truncatingIfNeeded: byte))
                count += 1
            }
            var shift: UInt32 = 32
            while shift > 0 {
                shift -= 8
                let part = number >> shift & 0xFF
                if part > 99 { append(48 + part / 100) }
                if part > 9 { append(48 + part / 10 % 10) }
                append(48 + part % 10)
                if shift > 0 { append(46) }
            }
            return count
        }
    }

    private static func number(_ address: in6_addr) -> UInt128 {
        withUnsafeBytes(of: address) { raw in raw.reduce(0) { $0 << 8 | UInt128($1) } }
    }

    private static func in6(_ number: UInt128) -> in6_addr {
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) { raw in raw.storeBytes(of: number.bigEndian, as: UInt128.self) }
        return address
    }
}

extension SocketAddress: CustomStringConvertible {
    /// Address and port: `127.0.0.1:80`, `[::1]:80`.
    public var description: String {
        switch family {
        case .ipv4: "\(host):\(port)"
        case .ipv6: "[\(host)]:\(port)"
        case .local: host
        }
    }
}

extension SocketAddress {
    /// What the kernel wrote into `storage`; `nil` for a family of another kind.
    ///
    /// IPv4 mapped into IPv6 becomes IPv4.
    init?(_ storage: sockaddr_storage) {
        let read: SocketAddress? = withUnsafeBytes(of: storage) { raw in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let address = raw.load(as: sockaddr_in.self)
                let number = UInt128(UInt32(bigEndian: address.sin_addr.s_addr))
                return SocketAddress(family: .ipv4, number: number, port: UInt16(bigEndian: address.sin_port))
            case AF_INET6:
                let address = raw.load(as: sockaddr_in6.self)
                return SocketAddress(
                    v6: Self.number(address.sin6_addr),
                    port: UInt16(bigEndian: address.sin6_port),
                    scope: address.sin6_scope_id
                )
            case AF_UNIX:
                return .local
            default:
                return nil
            }
        }
        guard let read else { return nil }
        self = read
    }

    /// Calls `body` with the address in the form that the socket calls want.
    func withSockAddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let length: Int
        switch family {
        case .ipv4:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: number).bigEndian
            length = MemoryLayout<sockaddr_in>.size
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: sockaddr_in.self) }
        case .ipv6:
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = Self.in6(number)
            address.sin6_scope_id = scope
            length = MemoryLayout<sockaddr_in6>.size
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: sockaddr_in6.self) }
        case .local:
            storage.ss_family = sa_family_t(AF_UNIX)
            length = MemoryLayout<sa_family_t>.size
        }
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }
}
