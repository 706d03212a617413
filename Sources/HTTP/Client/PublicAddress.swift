public import Reactor

extension SocketAddress {
    /// Whether the address belongs to one machine on the public internet: RFC 6890 and the IANA registries.
    ///
    /// Forms that carry an IPv4 address inside an IPv6 one (mapped, compatible, 6to4, NAT64, Teredo, ISATAP) are refused
    /// whatever they carry: a gateway behind them may lead anywhere.
    public var isPublic: Bool {
        let bytes = bytes
        let number = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        switch bytes.count {
        case 4: return !AddressRange.closedIPv4.contains { $0.contains(number) }
        case 16:
            // RFC 5214 §6.1: ISATAP has its mark in the middle, in any prefix.
            let mark = UInt32(truncatingIfNeeded: number >> 32)
            return AddressRange.globalUnicast.contains(number) && mark & 0xfdff_ffff != 0x5efe
                && !AddressRange.closedIPv6.contains { $0.contains(number) }
        default: return false
        }
    }
}

/// Addresses that begin with the same bits.
struct AddressRange: Sendable {
    private let prefix: UInt128
    private let shift: Int

    private init(v4 first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8, bits: Int) {
        let number = [first, second, third, fourth].reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        shift = 32 - bits
        prefix = number >> UInt128(shift)
    }

    /// The first 48 bits, in groups of 16, of which so many count.
    private init(v6 first: UInt16, _ second: UInt16, _ third: UInt16, bits: Int) {
        shift = 128 - bits
        let number = UInt128(first) << 112 | UInt128(second) << 96 | UInt128(third) << 80
        prefix = number >> UInt128(shift)
    }

    func contains(_ number: UInt128) -> Bool { number >> UInt128(shift) == prefix }

    static let closedIPv4: [AddressRange] = [
        .init(v4: 0, 0, 0, 0, bits: 8),  // "this network", the unspecified address: RFC 791 §3.2
        .init(v4: 10, 0, 0, 0, bits: 8),  // private: RFC 1918
        .init(v4: 100, 64, 0, 0, bits: 10),  // behind a carrier's translator, metadata of Alibaba: RFC 6598
        .init(v4: 127, 0, 0, 0, bits: 8),  // loopback: RFC 1122 §3.2.1.3
        .init(v4: 168, 63, 129, 16, bits: 32),  // the platform under a machine of Azure
        .init(v4: 169, 254, 0, 0, bits: 16),  // link-local, metadata of most clouds: RFC 3927
        .init(v4: 172, 16, 0, 0, bits: 12),  // private: RFC 1918
        .init(v4: 192, 0, 0, 0, bits: 24),  // protocol assignments, metadata of Oracle: RFC 6890 §2.1
        .init(v4: 192, 0, 2, 0, bits: 24),  // documentation: RFC 5737
        .init(v4: 192, 88, 99, 0, bits: 24),  // relays of 6to4: RFC 7526
        .init(v4: 192, 168, 0, 0, bits: 16),  // private: RFC 1918
        .init(v4: 198, 18, 0, 0, bits: 15),  // benchmarks: RFC 2544
        .init(v4: 198, 51, 100, 0, bits: 24),  // documentation: RFC 5737
        .init(v4: 203, 0, 113, 0, bits: 24),  // documentation: RFC 5737
        .init(v4: 224, 0, 0, 0, bits: 4),  // multicast: RFC 5771
        .init(v4: 240, 0, 0, 0, bits: 4),  // reserved, broadcast: RFC 1112 §4
    ]

    /// What IANA hands out: RFC 4291 §2.4.
    ///
    /// Outside lie the unspecified address, loopback, IPv4-mapped and -compatible addresses, NAT64 (64:ff9b::/96 and
    /// 64:ff9b:1::/48), discard-only, unique local (metadata of Amazon among them), link-local, site-local, multicast.
    static let globalUnicast = AddressRange(v6: 0x2000, 0, 0, bits: 3)

    static let closedIPv6: [AddressRange] = [
        .init(v6: 0x2001, 0, 0, bits: 23),  // protocol assignments: Teredo, benchmarks, ORCHID: RFC 2928
        .init(v6: 0x2001, 0xdb8, 0, bits: 32),  // documentation: RFC 3849
        .init(v6: 0x2002, 0, 0, bits: 16),  // 6to4: RFC 3056
        .init(v6: 0x3fff, 0, 0, bits: 20),  // documentation: RFC 9637
    ]
}
