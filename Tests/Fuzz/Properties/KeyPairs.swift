@testable import JOSE
@testable import JSON

extension FuzzTarget {
    /// Private keys that are brought along: their two halves belong together, and neither shows the private one.
    static let pairs = FuzzTarget(name: "pairs", longestInput: 512) { bytes throws(Violation) in
        guard let jwk = try? JSONObject(parsing: bytes) else { return }
        let signing = try? SigningKey(privateJWK: jwk), decrypting = try? DecryptionKey(privateJWK: jwk)
        if signing != nil || decrypting != nil {
            try require((try? PublicKey(jwk: jwk)) == nil, "a private key that verifies")
            try require((try? EncryptionKey(jwk: jwk)) == nil, "a private key that encrypts")
            try require(jwk["use"] == nil || signing == nil || decrypting == nil, "one key for two declared uses")
        }
        if let signing { try signs(signing, publicPart(of: jwk)) }
        if let decrypting { try decrypts(decrypting, publicPart(of: jwk)) }
        if let shared = try? MACKey(jwk: jwk) {
            try require((try? PublicKey(jwk: jwk)) == nil && signing == nil, "a secret that is a key pair")
            try require(isSame("\(shared)", "MACKey(\(shared.algorithm.rawValue))"), "a secret that prints itself")
        }
        try require(OpenSSLErrors.isEmpty, "something left in the error queue")
    }

    private static func publicPart(of jwk: JSONObject) -> JSONObject {
        var part = JSONObject()
        for member in jwk where !["d", "p", "q", "dp", "dq", "qi", "key_ops"].contains(member.name) {
            part[member.name] = member.value
        }
        return part
    }

    private static func signs(_ key: SigningKey, _ jwk: JSONObject) throws(Violation) {
        try require((try? PublicKey(jwk: jwk))?.thumbprint == key.publicKey.thumbprint, "another public key")
        let message: [UInt8] = [1]
        let signature = (try? key.sign(message.span)) ?? []
        let isValid = try? key.publicKey.isValid(signature.span, over: message.span, by: key.algorithm)
        try require(isValid == true, "a signature that its own key refuses")
        try showsNothing(key.publicKey.jsonBytes())
    }

    private static func decrypts(_ key: DecryptionKey, _ jwk: JSONObject) throws(Violation) {
        try require((try? EncryptionKey(jwk: jwk))?.thumbprint == key.publicKey.thumbprint, "another public key")
        for algorithm in key.publicKey.algorithms {
            let token = try? JWEEncrypter(
                to: key.publicKey, algorithm: algorithm, encryption: .a128GCM, contentType: nil
            ).encrypt("a")
            let opened = try? CompactJWE(parsing: token ?? "").decrypted(with: key, allowing: .toPublicKey)
            try require(opened?.plaintext == Secret("a"), "a token that its own key does not decrypt")
        }
        try showsNothing(key.publicKey.jsonBytes())
    }

    private static func showsNothing(_ bytes: [UInt8]) throws(Violation) {
        guard let object = try? JSONObject(parsing: bytes) else { throw Violation("written it is no object") }
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            try require(object[name] == nil, "a private member is written", name)
        }
    }
}
