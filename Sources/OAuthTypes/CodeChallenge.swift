/// A proof key's S256 challenge: RFC 7636 §4.2, exactly 43 base64url characters.
///
/// `plain` does not exist here (RFC 9700 §2.1.1).
public struct CodeChallenge: Sendable, Hashable {
    /// The text as sent.
    public let rawValue: String

    /// Nil where the text is not 43 characters of base64url.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard bytes.count == 43,
            bytes.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            })
        else { return nil }
        rawValue = text
    }
}
