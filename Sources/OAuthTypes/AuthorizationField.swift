/// The value of an `Authorization` header field: scheme and credentials, RFC 9110 §11.4.
public struct AuthorizationField: Sendable {
    /// The schemes that are told apart; their letter case means nothing (§11.1).
    public enum Scheme: Sendable {
        /// RFC 7617.
        case basic
        /// RFC 6750.
        case bearer
        /// Any other.
        case other
    }

    /// The scheme.
    public let scheme: Scheme
    /// What follows it, without the spaces between; empty where nothing does.
    public let credentials: Substring

    /// Splits a field value at its first space.
    public init(_ value: String) {
        let bytes = value.utf8
        let end = bytes.firstIndex(of: UInt8(ascii: " ")) ?? bytes.endIndex
        let name = bytes[..<end]
        if AuthorizationField.isSame(name, "basic") {
            scheme = .basic
        } else {
            scheme = AuthorizationField.isSame(name, "bearer") ? .bearer : .other
        }
        let start = bytes[end...].firstIndex { $0 != UInt8(ascii: " ") } ?? bytes.endIndex
        credentials = value[start...]
    }

    private static func isSame(_ name: Substring.UTF8View, _ scheme: StaticString) -> Bool {
        scheme.withUTF8Buffer { expected in
            name.elementsEqual(expected) { ($0 | 0x20) == $1 }
        }
    }
}
