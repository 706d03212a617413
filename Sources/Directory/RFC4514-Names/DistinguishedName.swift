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

    /// The value of the first part: what a group is called, by its name; nil where it cannot be read.
    var firstValue: String? {
        let bytes = Array(text.utf8)
        guard let start = bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        var value: [UInt8] = []
        var index = start + 1
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ";") { break }
            guard byte == UInt8(ascii: "\\") else {
                value.append(byte)
                index += 1
                continue
            }
            guard index + 1 < bytes.count else { return nil }
            if index + 2 < bytes.count,
                let code = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
            {
                value.append(code)
                index += 3
            } else {
                value.append(bytes[index + 1])
                index += 2
            }
        }
        guard let text = String(validating: value, as: UTF8.self), !text.isEmpty else { return nil }
        return text
    }

    /// The text.
    public var description: String { text }
}
