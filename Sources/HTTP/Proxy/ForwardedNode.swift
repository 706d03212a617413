/// One hop as proxies write it: an address, perhaps with a port.
enum ForwardedNode {
    /// Reads `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` and `[2001:db8::1]:80`; `nil` for anything else,
    /// such as `unknown` or a made-up name (RFC 7239 §6.2, §6.3), which say nothing about an address.
    static func parse(_ text: Substring) -> PeerAddress? {
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard host.contains(":") else { return nil }
            return rest.isEmpty ? PeerAddress(String(host)) : address(host, portAfterColon: rest)
        }
        guard let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon else {
            return PeerAddress(String(text))
        }
        return address(text[..<colon], portAfterColon: text[colon...])
    }

    private static func address(_ host: Substring, portAfterColon rest: Substring) -> PeerAddress? {
        let digits = rest.dropFirst()
        guard rest.first == ":", (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits)
        else { return nil }
        return PeerAddress(String(host), port: port)
    }

    /// Without blanks and tabs around it.
    static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.utf8.first, first == 32 || first == 9 { text = text.dropFirst() }
        while let last = text.utf8.last, last == 32 || last == 9 { text = text.dropLast() }
        return text
    }
}
