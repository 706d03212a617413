public import JSON

/// The claims of a JWT, the registered ones read with their types: RFC 7519 §4.
public struct JWTClaims: Sendable, Equatable {
    /// All members, registered or not.
    public let members: JSONObject

    /// `iss`.
    public let issuer: String?
    /// `sub`.
    public let subject: String?
    /// `aud`: a single string counts as a list of one; empty if missing.
    public let audience: [String]
    /// `exp`, in seconds since 1970; a fraction is cut off.
    public let expiresAt: Int64?
    /// `nbf`, in seconds since 1970; a fraction counts as a whole second.
    public let notBefore: Int64?
    /// `iat`, in seconds since 1970; a fraction counts as a whole second.
    public let issuedAt: Int64?
    /// `jti`.
    public let jwtID: String?

    /// Any claim, registered or not.
    public subscript(name: String) -> JSONValue? { members[name] }

    /// Reads the registered claims; throws `invalidClaim` for one of the wrong kind.
    public init(_ members: JSONObject) throws(JOSEError) {
        self.members = members
        issuer = try Self.text(.issuer, in: members)
        subject = try Self.text(.subject, in: members)
        audience = try Self.texts(.audience, in: members)
        expiresAt = try Self.seconds(.expiresAt, in: members, rounded: .down)
        notBefore = try Self.seconds(.notBefore, in: members, rounded: .up)
        issuedAt = try Self.seconds(.issuedAt, in: members, rounded: .up)
        jwtID = try Self.text(.jwtID, in: members)
    }

    /// Reads claims from a payload; throws `malformedClaims` or `invalidClaim`.
    init(parsing payload: Span<UInt8>) throws(JOSEError) {
        let members: JSONObject
        do { members = try JSONObject(parsing: payload) } catch { throw .malformedClaims }
        try self.init(members)
    }

    private static func text(_ claim: RegisteredClaim, in members: JSONObject) throws(JOSEError) -> String? {
        guard let value = members[claim.rawValue] else { return nil }
        guard let text = value.string else { throw .invalidClaim(claim) }
        return text
    }

    private static func texts(_ claim: RegisteredClaim, in members: JSONObject) throws(JOSEError) -> [String] {
        switch members[claim.rawValue] {
        case nil: return []
        case .string(let text): return [text]
        case .array(let values):
            let texts = values.compactMap(\.string)
            guard texts.count == values.count else { throw .invalidClaim(claim) }
            return texts
        default: throw .invalidClaim(claim)
        }
    }

    /// A NumericDate (RFC 7519 §2), which may have a fraction, within the range in which doubles count every second.
    private static func seconds(
        _ claim: RegisteredClaim, in members: JSONObject, rounded rule: FloatingPointRoundingRule
    ) throws(JOSEError) -> Int64? {
        guard let value = members[claim.rawValue] else { return nil }
        if let whole = value.integer, whole.magnitude < 1 << 53 { return whole }
        guard let number = value.number, number.magnitude < 0x1p53 else { throw .invalidClaim(claim) }
        return Int64(number.rounded(rule))
    }
}
