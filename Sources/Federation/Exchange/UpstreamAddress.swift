import HTTP
import Reactor

/// Addresses of providers: https; http on this machine alone, for development.
enum UpstreamAddress {
    /// Whether it may be set at all.
    static func isSafe(_ text: String) -> Bool { text.hasPrefix("https://") || isLoopback(text) }

    static func isLoopback(_ text: String) -> Bool {
        ["http://localhost", "http://127.0.0.1", "http://[::1]"].contains { prefix in
            guard text.hasPrefix(prefix) else { return false }
            // Nothing that makes it another host; the client refuses user information.
            return [nil, "/", ":"].contains(text.dropFirst(prefix.count).first)
        }
    }

    /// Scheme, host and port as they stand there; nil for no address.
    static func origin(_ text: String) -> String? {
        guard let colon = text.range(of: "://") else { return nil }
        let host = text[colon.upperBound...].prefix { !"/?#".contains($0) }
        guard !host.isEmpty, !host.contains("@") else { return nil }
        return text[..<colon.upperBound].lowercased() + host.lowercased()
    }

    /// How it is asked: freely where the operator has named it or its host; else only in the public network, since a
    /// document of the provider has named it.
    static func destination(of address: String, namedBy own: [String?]) -> Destination? {
        if isLoopback(address) {
            return own.contains { $0.map(isLoopback) ?? false } ? .configuredPlain : nil
        }
        guard address.hasPrefix("https://"), let origin = origin(address) else { return nil }
        let isOwn = own.contains { $0.flatMap(UpstreamAddress.origin) == origin }
        return isOwn ? .configured : .stranger(FetchGuard())
    }
}

extension String {
    /// Where another text begins and ends in this one first.
    fileprivate func range(of other: String) -> Range<String.Index>? {
        var place = startIndex
        while place < endIndex {
            if self[place...].hasPrefix(other) { return place..<index(place, offsetBy: other.count) }
            place = index(after: place)
        }
        return nil
    }
}
