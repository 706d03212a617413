/// The name of a protected resource: RFC 8707 §2, an absolute URI without a fragment; it is the audience of its tokens.
///
/// At most 119 printable ASCII characters, so that a consent can name it among scopes.
public struct ResourceIdentifier: Sendable, Hashable, CustomStringConvertible {
    /// The text, compared byte by byte.
    public let rawValue: String

    /// The most characters.
    public static let limit = 119

    /// Nil where the text is no absolute URI, has a fragment, or characters that no URI has.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard bytes.count <= ResourceIdentifier.limit,
            bytes.allSatisfy({ (0x21...0x7E).contains($0) && !"\"#<>\\^`{|}".utf8.contains($0) }),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes.index(after: colon) != bytes.endIndex
        else { return nil }
        // RFC 3986 §3.1.
        let scheme = bytes[..<colon]
        guard let first = scheme.first, ResourceIdentifier.isLetter(first),
            scheme.allSatisfy({
                ResourceIdentifier.isLetter($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0)
            })
        else { return nil }
        // Of an address that has a host: one that is empty names nothing.
        let rest = bytes[bytes.index(after: colon)...]
        if rest.starts(with: "//".utf8) {
            guard let host = rest.dropFirst(2).first, host != UInt8(ascii: "/"), host != UInt8(ascii: "?") else {
                return nil
            }
        }
        rawValue = text
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// The text itself: the name of a resource is no secret.
    public var description: String { rawValue }
}
