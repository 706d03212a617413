internal import JSON

/// What a key is wanted for: RFC 7517 §4.2, §4.3.
///
/// The purpose picks the type, and no key has two: what signs never decrypts.
enum KeyPurpose: Sendable {
    case verifying, signing, encrypting, decrypting

    /// The value of `use`.
    var use: String {
        switch self {
        case .verifying, .signing: "sig"
        case .encrypting, .decrypting: "enc"
        }
    }

    /// The values of `key_ops` of which one is enough.
    private var operations: [String] {
        switch self {
        case .verifying: ["verify"]
        case .signing: ["sign"]
        // RFC 7518 §4.6: a public key takes part in an agreement without an operation of its own.
        case .encrypting: ["encrypt", "wrapKey", "deriveKey", "deriveBits"]
        case .decrypting: ["decrypt", "unwrapKey", "deriveKey", "deriveBits"]
        }
    }

    private static let ofSignatures = ["sign", "verify"]
    private static let ofEncryption = [
        "encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits",
    ]

    /// Whoever restricts a key must have meant it for this: throws `unsupportedKey` otherwise.
    ///
    /// Throws `invalidKey` if `use` or `key_ops` is malformed, or if they contradict each other or themselves.
    func check(_ jwk: JSONObject) throws(JOSEError) {
        let use = try jwk.text("use")
        if let operations = jwk["key_ops"] {
            guard let values = operations.array else { throw .invalidKey }
            let names = values.compactMap(\.string)
            // §4.3: each once.
            guard names.count == values.count, names.count <= 16, Set(names.map { Array($0.utf8) }).count == names.count
            else { throw .invalidKey }
            let signs = names.contains { Self.ofSignatures.contains($0) }
            let encrypts = names.contains { Self.ofEncryption.contains($0) }
            guard !(signs && encrypts), !(use == "sig" && encrypts), !(use == "enc" && signs) else {
                throw .invalidKey
            }
            guard self.operations.contains(where: names.contains) else { throw .unsupportedKey }
        }
        if let use, use != self.use { throw .unsupportedKey }
    }
}
