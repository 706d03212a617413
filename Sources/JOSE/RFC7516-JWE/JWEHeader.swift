internal import JSON

/// The protected header of a JWE: RFC 7516 §4, RFC 7518 §4.6.1.
///
/// Only these members count. What points at keys or brings them along (`jku`, `jwk`, `x5u`, `x5c`) is ignored, but for
/// the ephemeral key of an agreement, which is public and must lie on the curve of the recipient's key.
public struct JWEHeader: Sendable, Equatable {
    /// `alg`: how the key of the content was encrypted.
    ///
    /// The key decides whether it may be.
    public let algorithm: KeyManagementAlgorithm
    /// `enc`: how the content was encrypted.
    public let encryption: ContentEncryption
    /// `typ`: what kind of object the whole says it is.
    public let type: String?
    /// `cty`: what kind of object the content says it is.
    public let contentType: String?
    /// `kid`: the name of the key.
    public let keyID: String?

    /// `epk`, as anybody could have written it.
    let ephemeralKey: JSONObject?
    /// `apu`, decoded: who made it, mixed into an agreed key.
    let partyU: [UInt8]
    /// `apv`, decoded: whom it is for, mixed into an agreed key.
    let partyV: [UInt8]

    static let limit = 8 * 1024
    private static let depth = 8
    /// The longest `apu` and `apv`, in bytes.
    private static let longestParty = 512

    /// Throws `malformedHeader`, `criticalExtension`, `compressed` or `wrongAlgorithm`.
    init(parsing bytes: [UInt8]) throws(JOSEError) {
        let members: JSONObject
        do { members = try JSONObject(parsing: bytes, limits: JSONLimits(bytes: Self.limit, depth: Self.depth)) } catch
        {
            throw .malformedHeader
        }
        guard
            let algorithm = try Self.text("alg", in: members),
            let encryption = try Self.text("enc", in: members)
        else { throw .malformedHeader }
        // §4.1.13: no extension is known here, so each one that must be understood is one too many.
        guard members["crit"] == nil else { throw .criticalExtension }
        // §4.1.3: a few bytes may unpack to gigabytes, and how well content packs tells something about it.
        guard members["zip"] == nil else { throw .compressed }
        guard
            let algorithm = KeyManagementAlgorithm(rawValue: algorithm),
            let encryption = ContentEncryption(rawValue: encryption)
        else { throw .wrongAlgorithm }
        self.algorithm = algorithm
        self.encryption = encryption
        type = try Self.text("typ", in: members)
        contentType = try Self.text("cty", in: members)
        keyID = try Self.text("kid", in: members)
        partyU = try Self.party("apu", in: members)
        partyV = try Self.party("apv", in: members)
        switch members["epk"] {
        case nil: ephemeralKey = nil
        case .object(let key): ephemeralKey = key
        default: throw .malformedHeader
        }
    }

    private static func text(_ name: String, in members: JSONObject) throws(JOSEError) -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.string else { throw .malformedHeader }
        return text
    }

    private static func party(_ name: String, in members: JSONObject) throws(JOSEError) -> [UInt8] {
        guard let text = try text(name, in: members) else { return [] }
        guard let bytes = Base64URL.decode(text), bytes.count <= longestParty else { throw .malformedHeader }
        return bytes
    }
}
