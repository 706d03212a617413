public import Mustache

extension MustacheValue {
    /// An address that is safe in `href` and `action`: escaping alone does not stop `javascript:`.
    ///
    /// Lets through paths of this server, `http`, `https` and private-use schemes with a full stop in them
    /// (RFC 8252 §7.1), which no browser runs as script. Anything else leads nowhere: `#`.
    public static func link(_ address: String) -> MustacheValue {
        .string(isSafe(address) ? address : "#")
    }

    /// An address that may be missing; see ``link(_:)``.
    public static func link(_ address: String?) -> MustacheValue {
        address.map { link($0) } ?? .null
    }

    private static func isSafe(_ address: String) -> Bool {
        // An allow list read from the first byte: browsers skip blanks and controls in front of and inside a scheme,
        // so whatever is not letter for letter a scheme we know is refused.
        if let first = address.utf8.first, "/?#".utf8.contains(first) { return true }
        guard let colon = address.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let scheme = address.utf8[..<colon]
        guard let first = scheme.first, isLetter(first), scheme.allSatisfy(isSchemeByte) else { return false }
        return scheme.contains(UInt8(ascii: ".")) || ["http", "https"].contains(address[..<colon].lowercased())
    }

    /// RFC 3986 §3.1.
    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || ".-+".utf8.contains(byte)
    }
}
