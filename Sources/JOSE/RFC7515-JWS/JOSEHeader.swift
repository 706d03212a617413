internal import JSON

/// The protected header of a JWS: RFC 7515 §4.
///
/// Only these members count. What points at keys or brings them along (`jku`, `jwk`, `x5u`, `x5c`) is ignored:
/// the verifier knows its keys.
public struct JOSEHeader: Sendable, Equatable {
    /// `alg`: what the token claims to be signed with.
    ///
    /// The key decides.
    public let algorithm: String
    /// `typ`: what kind of token it says it is.
    public let type: String?
    /// `kid`: the name of the key.
    public let keyID: String?

    static let limit = 8 * 1024
    private static let depth = 8

    /// Throws `malformedHeader` or `criticalExtension`.
    init(parsing bytes: [UInt8]) throws(JOSEError) {
        let members: JSONObject
        do { members = try JSONObject(parsing: bytes, limits: JSONLimits(bytes: Self.limit, depth: Self.depth)) } catch
        {
            throw .malformedHeader
        }
        guard let algorithm = try Self.text("alg", in: members) else { throw .malformedHeader }
        // §4.1.11: no extension is known here, so each one that must be understood is one too many.
        guard members["crit"] == nil else { throw .criticalExtension }
        self.algorithm = algorithm
        type = try Self.text("typ", in: members)
        keyID = try Self.text("kid", in: members)
    }

    private static func text(_ name: String, in members: JSONObject) throws(JOSEError) -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.string else { throw .malformedHeader }
        return text
    }
}
