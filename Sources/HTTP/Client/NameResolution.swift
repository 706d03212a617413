internal import CLinux
internal import Glibc
public import Reactor

/// Finds the addresses that a name stands for.
///
/// It may block, for seconds even: it runs on threads of its own.
public typealias NameResolver = @Sendable (_ host: String, _ port: UInt16) -> [SocketAddress]

/// The resolver of the system: `getaddrinfo`, RFC 3493 §6.1.
public enum SystemNames {
    /// The addresses of a host in the order of RFC 6724; none if there are none or nobody knows.
    @Sendable public static func resolve(_ host: String, port: UInt16) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_flags = AI_ADDRCONFIG
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        return sequence(first: first) { $0?.pointee.ai_next }
            .prefix { $0 != nil }
            .compactMap { entry in entry?.pointee.ai_addr.flatMap { SocketAddress(pointer: $0, port: port) } }
    }
}

extension SocketAddress {
    /// Reads an address of the socket calls; `nil` for IPv4 in the clothes of IPv6, which nobody needs to name so.
    init?(pointer: UnsafePointer<sockaddr>, port: UInt16? = nil) {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let own: UInt16
        switch Int32(pointer.pointee.sa_family) {
        case AF_INET:
            own = pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                var number = address.pointee.sin_addr
                inet_ntop(AF_INET, &number, &text, socklen_t(text.count))
                return UInt16(bigEndian: address.pointee.sin_port)
            }
        case AF_INET6:
            own = pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                var number = address.pointee.sin6_addr
                inet_ntop(AF_INET6, &number, &text, socklen_t(text.count))
                return UInt16(bigEndian: address.pointee.sin6_port)
            }
        default: return nil
        }
        let host = text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        self.init(host, port: port ?? own)
        guard !isMapped(pointer) else { return nil }
    }
}

/// Whether it is an IPv4 address mapped into IPv6: RFC 4291 §2.5.5.2.
private func isMapped(_ pointer: UnsafePointer<sockaddr>) -> Bool {
    guard Int32(pointer.pointee.sa_family) == AF_INET6 else { return false }
    return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
        withUnsafeBytes(of: address.pointee.sin6_addr) { bytes in
            bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        }
    }
}
