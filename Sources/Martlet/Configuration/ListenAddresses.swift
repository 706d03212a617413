import Glibc
import Reactor

/// What `MARTLET_LISTEN` says: `address:port`, `https://address:port`, `unix:path`, each perhaps with `?option&option`.
enum ListenAddresses {
    /// Why a list cannot be used.
    struct Refusal: Error, Equatable {
        let complaint: String
        let remedy: String
    }

    /// Reads items divided by commas; `localhost` is both loopback addresses, as far as the machine has them.
    static func parse(_ text: String, hasIPv6: Bool) throws(Refusal) -> [ListenSetting] {
        var settings: [ListenSetting] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let found = try parseItem(item.filter { $0 != " " }, hasIPv6: hasIPv6)
            settings += found.filter { new in !settings.contains { $0.address == new.address } }
        }
        return settings
    }

    private static func parseItem(_ item: String, hasIPv6: Bool) throws(Refusal) -> [ListenSetting] {
        let parts = item.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var settings = try parsePlace(parts[0], hasIPv6: hasIPv6)
        guard parts.count == 2 else { return settings }
        for index in settings.indices { try settings[index].take(options: parts[1]) }
        return settings
    }

    private static func parsePlace(_ text: Substring, hasIPv6: Bool) throws(Refusal) -> [ListenSetting] {
        if text.hasPrefix("unix:") {
            guard let path = UnixSocketPath(String(text.dropFirst("unix:".count))), path.path.hasPrefix("/") else {
                throw Refusal(
                    complaint: "has a socket path that is none",
                    remedy:
                        "Write unix: and an absolute path of \(UnixSocketPath.limit) bytes at most, such as unix:/run/martlet/http.sock."
                )
            }
            return [ListenSetting(.unix(path))]
        }
        for scheme in [ListenSetting.Scheme.http, .https] where text.hasPrefix(scheme.rawValue + "://") {
            let host = String(text.dropFirst(scheme.rawValue.count + 3))
            return try parseOne(host, hasIPv6: hasIPv6).map { ListenSetting(.ip($0), scheme) }
        }
        return try parseOne(String(text), hasIPv6: hasIPv6).map { ListenSetting(.ip($0)) }
    }

    /// Reads what `MARTLET_MANAGEMENT_LISTEN` says: a port of loopback, or what `parse` reads.
    static func parseManagement(_ text: String, hasIPv6: Bool) throws(Refusal) -> [ListenSetting] {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return try parse(text, hasIPv6: hasIPv6) }
        return try parse("127.0.0.1:" + text, hasIPv6: hasIPv6)
    }

    private static func parseOne(_ item: String, hasIPv6: Bool) throws(Refusal) -> [SocketAddress] {
        guard let colon = item.lastIndex(of: ":") else {
            throw Refusal(
                complaint: "has an address without a port",
                remedy: "Write address:port, such as 127.0.0.1:8080 or [::1]:8080."
            )
        }
        let digits = item[item.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits), port > 0 else {
            throw Refusal(
                complaint: "has a port that is none", remedy: "Write a port from 1 to 65535 after the last colon.")
        }
        let host = item[..<colon]
        if host == "localhost" { return loopback(port: port, hasIPv6: hasIPv6) }
        if host.hasPrefix("["), host.hasSuffix("]") {
            if let address = SocketAddress(String(host.dropFirst().dropLast()), port: port), address.family == .ipv6 {
                return [address]
            }
        } else if host.contains(":") {
            throw Refusal(complaint: "has an IPv6 address without brackets", remedy: "Write it as [::1]:8080.")
        } else if let address = SocketAddress(String(host), port: port) {
            return [address]
        }
        throw Refusal(
            complaint: "has a host that is not a numeric address",
            remedy:
                "Write 0.0.0.0:\(port) or [::]:\(port) for all addresses of this machine, or 127.0.0.1:\(port) for it alone."
        )
    }

    /// The loopback addresses that the machine has.
    static func loopback(port: UInt16, hasIPv6: Bool) -> [SocketAddress] {
        (hasIPv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"]).compactMap { SocketAddress($0, port: port) }
    }

    /// Whether this machine has the IPv6 loopback address; containers often lack it.
    static var hasIPv6Loopback: Bool {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return canBind(AF_INET6, &address)
    }

    private static func canBind<Address>(_ family: Int32, _ address: inout Address) -> Bool {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withUnsafeBytes(of: &address) { bytes in
            bind(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count)) == 0
        }
    }
}
