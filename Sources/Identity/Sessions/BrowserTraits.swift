/// What a request tells of the browser it comes from, as far as sessions keep it: few words, a coarse network.
public struct BrowserTraits: Sendable, Equatable {
    /// Program and system, such as `Firefox on Linux`; nil where neither is known.
    public let device: String?
    /// The network of the address: /24, for IPv6 /48; nil where there is no address.
    public let network: String?

    /// Traits by `User-Agent` and the address in network byte order.
    public init(userAgent: String?, address: [UInt8]) {
        device = userAgent.flatMap(BrowserTraits.device)
        network = BrowserTraits.network(of: address)
    }

    /// Traits as they were kept.
    init(device: String?, network: String?) {
        self.device = device
        self.network = network
    }

    /// Nothing is known.
    public static let unknown = BrowserTraits(device: nil, network: nil)

    /// What a device is called for people.
    public var deviceName: String { device ?? "Unknown browser" }

    private static func device(_ userAgent: String) -> String? {
        // The field is whatever the other side writes: only words of ours are kept of it.
        let text = String(userAgent.prefix(512))
        let program = programs.first { text.contains($0.mark) }?.name
        let system = systems.first { text.contains($0.mark) }?.name
        return switch (program, system) {
        case (let program?, let system?): "\(program) on \(system)"
        case (let program?, nil): program
        case (nil, let system?): "A browser on \(system)"
        case (nil, nil): nil
        }
    }

    // In this order: most browsers name others, and systems their ancestors.
    private static let programs: [(mark: String, name: String)] = [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung"),
        ("Vivaldi/", "Vivaldi"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"),
        ("Chromium/", "Chromium"), ("HeadlessChrome/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]

    private static let systems: [(mark: String, name: String)] = [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
        ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("Linux", "Linux"), ("FreeBSD", "FreeBSD"),
    ]

    /// The first address of a network, by the name that ``network`` has; nil for anything else.
    static func address(ofNetwork network: String) -> [UInt8]? {
        if network.hasSuffix(".0/24") {
            let parts = network.dropLast(3).split(separator: ".", omittingEmptySubsequences: false)
            let bytes = parts.compactMap { UInt8($0) }
            return parts.count == 4 && bytes.count == 4 ? bytes : nil
        }
        guard network.hasSuffix("::/48") else { return nil }
        let groups = network.dropLast(5).split(separator: ":").map { UInt16($0, radix: 16) }
        guard groups.count <= 3, groups.allSatisfy({ $0 != nil }) else { return nil }
        let bytes = groups.compactMap { $0 }.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        return bytes + Array(repeating: 0, count: 16 - bytes.count)
    }

    private static func network(of address: [UInt8]) -> String? {
        let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]
        let isMapped = address.count == 16 && address.starts(with: mapped)  // RFC 4291 §2.5.5.2
        let bytes = isMapped ? Array(address.suffix(4)) : address
        switch bytes.count {
        case 4: return "\(bytes[0]).\(bytes[1]).\(bytes[2]).0/24"
        case 16:
            let groups = [0, 2, 4].map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
            // RFC 5952 §4.2: what is all zero is left out.
            return (groups.allSatisfy { $0 == "0" } ? "" : groups.joined(separator: ":")) + "::/48"
        default: return nil
        }
    }
}

/// What a session stays bound to beside its cookie.
public struct SessionBinding: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt8

    /// A binding by its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Program and system of the browser; its version may grow.
    public static let browser = SessionBinding(rawValue: 1)
    /// The network, /24 or /48: people who move are asked to sign in again.
    public static let network = SessionBinding(rawValue: 2)
}
