/// A token as it came in the header of a request: RFC 6750 §2.1.
///
/// Tokens in forms and in addresses (§2.2, §2.3) are not read: they end up in logs.
public struct BearerToken: Sendable {
    /// The token.
    public let text: String

    /// Reads the values of all `Authorization` fields of a request.
    ///
    /// - Throws: `missingToken` if there is none for this scheme, `malformedRequest` if there are several or what stands
    ///   there cannot be a token.
    public init(authorization fields: [String]) throws(TokenRefusal) {
        guard let field = fields.first else { throw .missingToken }
        // One of two is not what somebody before us has looked at.
        guard fields.count == 1 else { throw .malformedRequest }
        let halves = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves[0].lowercased() == "bearer" else { throw .missingToken }
        guard halves.count == 2 else { throw .malformedRequest }
        // RFC 9110 §11.4: one or more spaces.
        let token = halves[1].drop { $0 == " " }
        guard Self.isToken(token) else { throw .malformedRequest }
        text = String(token)
    }

    /// The grammar `b64token`: some characters, then perhaps equals signs.
    private static func isToken(_ text: Substring) -> Bool {
        let bytes = text.utf8
        let body = bytes.prefix { $0 != UInt8(ascii: "=") }
        return !body.isEmpty && bytes.dropFirst(body.count).allSatisfy { $0 == UInt8(ascii: "=") }
            && body.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-._~+/".utf8.contains(byte)
                }
            }
    }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the token.
    public var description: String { "redacted" }

    /// Never the token.
    public var debugDescription: String { description }

    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
