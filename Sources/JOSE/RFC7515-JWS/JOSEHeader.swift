internal import JSON

/// The header of a JWS: RFC 7515 §4.
///
/// Only these members count. What points at keys or brings them along (`jku`, `jwk`, `x5u`, `x5c`) is ignored:
/// the verifier knows its keys.
public struct JOSEHeader: Sendable, Equatable {
    private let parts: Parts

    /// One object, so that passing a header on takes one reference.
    private final class Parts: Sendable, Equatable {
        let algorithm: String
        let signatureAlgorithm: SignatureAlgorithm?
        let type: String?
        let contentType: String?
        let keyID: String?
        let encodesPayload: Bool

        init(algorithm: String, type: String?, contentType: String?, keyID: String?, encodesPayload: Bool) {
            self.algorithm = algorithm
            signatureAlgorithm = SignatureAlgorithm(named: algorithm)
            self.type = type
            self.contentType = contentType
            self.keyID = keyID
            self.encodesPayload = encodesPayload
        }

        static func == (left: Parts, right: Parts) -> Bool {
            left.algorithm == right.algorithm && left.type == right.type && left.contentType == right.contentType
                && left.keyID == right.keyID && left.encodesPayload == right.encodesPayload
        }
    }

    /// `alg`: what the token claims to be signed with.
    ///
    /// Key and verifier decide: see `AllowedAlgorithms`.
    public var algorithm: String { parts.algorithm }
    /// What `alg` means, if it is one of those that are offered.
    var signatureAlgorithm: SignatureAlgorithm? { parts.signatureAlgorithm }
    /// `typ`: what kind of token it says it is.
    public var type: String? { parts.type }
    /// `cty`: what kind of content it says it has.
    public var contentType: String? { parts.contentType }
    /// `kid`: the name of the key.
    public var keyID: String? { parts.keyID }

    /// `b64`: whether the payload is encoded before it is signed (RFC 7797 §3).
    var encodesPayload: Bool { parts.encodesPayload }

    static let limit = 8 * 1024
    private static let depth = 8

    /// Reads a protected header.
    ///
    /// `understood` names the extensions that the reader knows. Throws `malformedHeader` or `criticalExtension`.
    init(parsing bytes: [UInt8], understanding understood: [String] = []) throws(JOSEError) {
        try self.init(protected: Self.members(bytes), understanding: understood)
    }

    /// The members of a header as a strict JSON object within the limits.
    static func members(_ bytes: [UInt8]) throws(JOSEError) -> JSONObject {
        do { return try JSONObject(parsing: bytes, limits: JSONLimits(bytes: limit, depth: depth)) } catch {
            throw .malformedHeader
        }
    }

    /// Reads the members of a header.
    ///
    /// `unprotected` are those of a JSON serialization that no signature covers (§7.2.1): none may also be a protected
    /// one, and what changes how a token is read must be protected.
    init(
        protected: JSONObject, unprotected: JSONObject = [:], understanding understood: [String] = []
    ) throws(JOSEError) {
        guard unprotected.allSatisfy({ protected[$0.name] == nil }) else { throw .malformedHeader }
        guard unprotected["crit"] == nil, unprotected["b64"] == nil else { throw .malformedHeader }
        func text(_ name: String) throws(JOSEError) -> String? {
            guard let value = protected[name] ?? unprotected[name] else { return nil }
            guard let text = value.string else { throw .malformedHeader }
            return text
        }
        guard let algorithm = try text("alg") else { throw .malformedHeader }
        // Compressed content belongs to JWE alone (RFC 7516 §4.1.3), and is not offered there.
        guard protected["zip"] == nil, unprotected["zip"] == nil else { throw .malformedHeader }
        let critical = try Self.critical(in: protected, understanding: understood)
        let encodesPayload = try Self.encodesPayload(protected, isCritical: critical.contains("b64"))
        // What a token is taken for must be what was signed.
        guard unprotected["typ"] == nil, unprotected["cty"] == nil else { throw .malformedHeader }
        parts = Parts(
            algorithm: algorithm, type: try text("typ"), contentType: try text("cty"), keyID: try text("kid"),
            encodesPayload: encodesPayload)
    }

    /// The names in `crit`: §4.1.11.
    private static func critical(
        in members: JSONObject, understanding understood: [String]
    ) throws(JOSEError) -> [String] {
        guard let value = members["crit"] else { return [] }
        // What is not understood is refused first, so that a malformed list cannot hide it.
        guard let values = value.array, !values.isEmpty else { throw .criticalExtension }
        var names: [String] = []
        for value in values {
            guard let name = value.string, understood.contains(name) else { throw .criticalExtension }
            guard !names.contains(name), members[name] != nil else { throw .malformedHeader }
            names.append(name)
        }
        return names
    }

    /// RFC 7797 §6: whoever does not encode the payload must say that this is critical.
    ///
    /// To ignore it when it is not would be to verify something else than was signed.
    private static func encodesPayload(_ members: JSONObject, isCritical: Bool) throws(JOSEError) -> Bool {
        guard let value = members["b64"] else { return true }
        guard let encodes = value.bool, encodes || isCritical else { throw .malformedHeader }
        return encodes
    }
}
