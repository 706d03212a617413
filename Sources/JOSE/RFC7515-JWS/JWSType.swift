/// The media type that `typ` declares: RFC 7515 §4.1.9, RFC 8725 §3.11.
///
/// Each specification adds its own beside its code: `static let accessToken: JWSType = "at+jwt"`.
public struct JWSType: Sendable, ExpressibleByStringLiteral {
    /// The type as it is written, without `application/`.
    public let name: String

    /// A type from the source.
    public init(stringLiteral name: String) { self.name = name }

    /// Any JWT: RFC 7519 §5.1.
    public static let jwt: JWSType = "JWT"

    /// What a verifier asks of `typ`.
    public enum Expectation: Sendable {
        /// It must be there and be this one. For every type of token that has one of its own.
        case exactly(JWSType)
        /// It may be missing, and must be this one otherwise. For tokens older than explicit typing.
        case absentOr(JWSType)

        /// Whether a header passes.
        public func allows(_ type: String?) -> Bool {
            switch (self, type) {
            case (.absentOr, nil): true
            case (.exactly, nil): false
            case (.exactly(let expected), let type?), (.absentOr(let expected), let type?): expected.matches(type)
            }
        }
    }

    /// Media types know no case, and `application/` may be left out if no other slash follows.
    func matches(_ type: String) -> Bool {
        // Most write it as it is written here.
        type.utf8.elementsEqual(name.utf8) || Self.normal(type) == Self.normal(name)
    }

    private static func normal(_ type: String) -> [UInt8] {
        let lowercase = type.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        let prefix = Array("application/".utf8)
        guard lowercase.starts(with: prefix) else { return lowercase }
        let rest = lowercase.dropFirst(prefix.count)
        return rest.contains(UInt8(ascii: "/")) ? lowercase : Array(rest)
    }
}
