/// A client identifier: RFC 6749 §2.2, 1 to 255 characters of VSCHAR (appendix A.1).
///
/// A user's `sub` starts with `u_`, which no client identifier may: neither can be mistaken for the other (RFC 9700 §4.15).
public struct ClientID: Sendable, Hashable, CustomStringConvertible {
    /// The text as sent.
    public let rawValue: String

    /// Nil where the text is outside the grammar or in the name space of people.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard (1...255).contains(bytes.count), bytes.allSatisfy({ (0x20...0x7E).contains($0) }),
            !text.hasPrefix(ClientID.reservedPrefix)
        else { return nil }
        rawValue = text
    }

    /// The prefix of every user identifier.
    public static let reservedPrefix = "u_"

    /// The text itself: a client identifier is no secret.
    public var description: String { rawValue }
}
