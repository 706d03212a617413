/// The name of an entry as text: RFC 4514.
public struct DistinguishedName: Sendable, Equatable, CustomStringConvertible {
    /// The text for the library.
    public let text: String

    /// A name that an operator wrote, or a directory answered.
    public init(_ text: String) { self.text = text }

    /// A name by a pattern such as `uid={user},ou=people,dc=example,dc=com`, in which a value is escaped.
    public init(pattern: String, user: String) {
        let value = DistinguishedName.escaped(user)
        text = pattern.split(separator: "{user}", omittingEmptySubsequences: false).joined(separator: value)
    }

    /// A name directly below this one that no entry has.
    func child(called value: String) -> DistinguishedName {
        DistinguishedName("cn=\(DistinguishedName.escaped(value))" + (text.isEmpty ? "" : ",") + text)
    }

    /// §2.4: everything but letters, digits and what is plainly harmless is written as its number.
    static func escaped(_ value: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "@"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                text.append(byte)
            default: text += [UInt8(ascii: "\\"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The text.
    public var description: String { text }
}
