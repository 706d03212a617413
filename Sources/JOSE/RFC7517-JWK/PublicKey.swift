/// A key that verifies signatures, with the algorithms it is good for.
///
/// Most keys have one algorithm. An RSA key whose owner named none could serve several: then the verifier's own list of
/// allowed algorithms decides, see `AllowedAlgorithms`.
public struct PublicKey: Sendable {
    private let parts: Parts

    /// One object, so that passing a key on takes one reference.
    private final class Parts: Sendable {
        let material: PublicMaterial
        let keyID: String
        let thumbprint: String
        /// One for each algorithm.
        let contexts: [KeyContextPool]

        init(_ material: PublicMaterial, keyID: String?, algorithms: [SignatureAlgorithm]) {
            self.material = material
            thumbprint = material.thumbprint
            self.keyID = keyID ?? thumbprint
            contexts = algorithms.map { KeyContextPool(material.key, for: .verify, with: $0) }
        }
    }

    var material: PublicMaterial { parts.material }

    /// The `kid`: the one its owner gave it, or else its thumbprint (RFC 7638).
    public var keyID: String { parts.keyID }

    /// The SHA-256 thumbprint in base64url: RFC 7638.
    public var thumbprint: String { parts.thumbprint }

    /// The one algorithm of the key; `nil` for an RSA key whose owner named none.
    public var algorithm: SignatureAlgorithm? {
        parts.contexts.count == 1 ? parts.contexts[0].algorithm : nil
    }

    /// Whether the key is good for an algorithm.
    public func serves(_ algorithm: SignatureAlgorithm) -> Bool {
        parts.contexts.contains { $0.algorithm == algorithm }
    }

    /// Without a name, the thumbprint becomes the `kid`; without an algorithm, the key serves all that its kind allows.
    ///
    /// Throws `unsupportedKey` if its kind does not allow the algorithm, or none at all.
    init(
        _ material: PublicMaterial, keyID: String? = nil, algorithm: SignatureAlgorithm? = nil
    ) throws(JOSEError) {
        var algorithms = material.signatureAlgorithms
        if let algorithm { algorithms.removeAll { $0 != algorithm } }
        guard !algorithms.isEmpty else { throw .unsupportedKey }
        parts = Parts(material, keyID: keyID, algorithms: algorithms)
    }

    /// Whether the signature, in the form that JWS uses, signs the message with an algorithm.
    ///
    /// Never with an algorithm the key does not serve. Throws `libraryFailure` only.
    public func isValid(
        _ signature: Span<UInt8>, over message: Span<UInt8>, by algorithm: SignatureAlgorithm
    ) throws(JOSEError) -> Bool {
        for contexts in parts.contexts where contexts.algorithm == algorithm {
            return try contexts.isValid(signature, over: message)
        }
        return false
    }
}

extension PublicKey: Hashable {
    /// Whether both are the same key under the same name for the same algorithms.
    public static func == (left: Self, right: Self) -> Bool {
        left.keyID.utf8.elementsEqual(right.keyID.utf8) && left.thumbprint == right.thumbprint
            && left.algorithm == right.algorithm
    }

    /// Feeds the key to a hasher.
    public func hash(into hasher: inout Hasher) { hasher.combine(thumbprint) }
}
