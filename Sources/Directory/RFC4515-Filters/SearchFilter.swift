/// A search filter, built from values and never from text: RFC 4515.
///
/// What somebody types can only become a value, whose bytes are escaped; no filter is ever put together from strings.
public indirect enum SearchFilter: Sendable, Equatable {
    /// The attribute has this value.
    case equals(AttributeName, [UInt8])
    /// The attribute is there.
    case present(AttributeName)
    /// A matching rule of the directory says so, such as those of Active Directory for bits and chains.
    case matches(AttributeName, rule: MatchingRule, [UInt8])
    /// All of them; none at all is true (RFC 4526).
    case all([SearchFilter])
    /// One of them; none at all is false.
    case any([SearchFilter])
    /// Not that.
    case not(SearchFilter)

    /// Rules of Active Directory.
    public enum MatchingRule: String, Sendable {
        /// Every bit of the value is set.
        case bits = "1.2.840.113556.1.4.803"
        /// A group that holds it, or holds a group that does.
        case chain = "1.2.840.113556.1.4.1941"
    }

    /// The attribute has this text as a value.
    public static func equals(_ name: AttributeName, _ text: String) -> SearchFilter { .equals(name, Array(text.utf8)) }

    /// The filter as text for the library.
    public var text: String {
        switch self {
        case .equals(let name, let value): "(\(name)=\(SearchFilter.escaped(value)))"
        case .present(let name): "(\(name)=*)"
        case .matches(let name, let rule, let value): "(\(name):\(rule.rawValue):=\(SearchFilter.escaped(value)))"
        case .all(let filters): "(&" + filters.map(\.text).joined() + ")"
        case .any(let filters): "(|" + filters.map(\.text).joined() + ")"
        case .not(let filter): "(!" + filter.text + ")"
        }
    }

    /// §3: whatever is not a letter, a digit or plainly harmless is written as its number.
    private static func escaped(_ value: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in value {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "@"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"), UInt8(ascii: "="), UInt8(ascii: ","):
                text.append(byte)
            default: text += [UInt8(ascii: "\\"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
