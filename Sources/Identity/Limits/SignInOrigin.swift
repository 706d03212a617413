/// Where an attempt to sign in comes from, as limits see it.
public struct SignInOrigin: Sendable, Hashable {
    /// What one subscriber has: an IPv4 address, or the /64 of an IPv6 address, in which a host may take any address.
    let subscriber: [UInt8]
    /// The network around it: /24 of IPv4, /48 of IPv6.
    let network: [UInt8]
    /// What the browser keeps to be recognized by (``KnownBrowsers``), as it came.
    let mark: String?

    /// An origin from an address in network byte order: 4 or 16 bytes; anything else is one place of its own, such as a
    /// Unix-domain socket.
    ///
    /// An IPv4 address in its IPv6 form (RFC 4291 §2.5.5.2) is the IPv4 address. `mark` is the cookie of known browsers.
    public init(address: [UInt8], mark: String? = nil) {
        self.mark = mark
        let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xff, 0xff]
        let bytes = address.count == 16 && address.starts(with: mapped) ? Array(address.suffix(4)) : address
        switch bytes.count {
        case 4: (subscriber, network) = (bytes, Array(bytes.prefix(3)))
        case 16: (subscriber, network) = (Array(bytes.prefix(8)), Array(bytes.prefix(6)))
        default: (subscriber, network) = (bytes, bytes)
        }
    }

    /// The network as people read it; nil where there is none.
    var networkName: String? {
        let length = network.count == 3 ? 4 : 16
        guard network.count == 3 || network.count == 6 else { return nil }
        return BrowserTraits(
            userAgent: nil, address: network + Array(repeating: 0, count: length - network.count)
        ).network
    }
}
