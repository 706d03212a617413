@testable import JOSE
@testable import JSON

extension FuzzTarget {
    /// Keys as others send them, public, private and shared: RFC 7517.
    static let keys = FuzzTarget(name: "keys", longestInput: 512) { bytes throws(Violation) in
        guard let jwk = try? JSONObject(parsing: bytes) else { return }
        let verifying = try? PublicKey(jwk: jwk), encrypting = try? EncryptionKey(jwk: jwk)
        if verifying != nil || encrypting != nil {
            for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
                try require(jwk[name] == nil, "a private member in a public key", name)
            }
            try require(
                jwk["use"] == nil || verifying == nil || encrypting == nil, "one key for two declared uses")
        }
        if let verifying {
            let again = try read(verifying.jsonBytes())
            try require((try? PublicKey(jwk: again)) == verifying, "written again it differs")
            try require((try? EncryptionKey(jwk: again)) == nil, "a verifying key that encrypts when written again")
            try require(verifying.signsNothing(), "an empty signature is valid")
        }
        if let encrypting {
            let again = try read(encrypting.jsonBytes())
            try require((try? EncryptionKey(jwk: again)) == encrypting, "written again it differs")
            try require((try? PublicKey(jwk: again)) == nil, "an encrypting key that verifies when written again")
        }
        try privateKeysBelongToTheirPublicOnes(jwk)
        if let shared = try? MACKey(jwk: jwk) {
            try require(verifying == nil && encrypting == nil, "a secret that is a public key")
            try require("\(shared)".contains("MACKey("), "a secret that prints itself")
        }
        try require(OpenSSLErrors.isEmpty, "something left in the error queue")
    }

    private static func privateKeysBelongToTheirPublicOnes(_ jwk: JSONObject) throws(Violation) {
        let signing = try? SigningKey(privateJWK: jwk), decrypting = try? DecryptionKey(privateJWK: jwk)
        guard signing != nil || decrypting != nil else { return }
        var stripped = JSONObject()
        for member in jwk where !["d", "p", "q", "dp", "dq", "qi", "key_ops"].contains(member.name) {
            stripped[member.name] = member.value
        }
        if let signing {
            try require(
                (try? PublicKey(jwk: stripped))?.thumbprint == signing.publicKey.thumbprint, "another public key")
            guard let signature = try? signing.sign([1].span),
                let isValid = try? signing.publicKey.isValid(signature.span, over: [1].span, by: signing.algorithm)
            else { throw Violation("a key that does not sign") }
            try require(isValid, "private and public part do not belong together")
        }
        if let decrypting {
            try require(
                (try? EncryptionKey(jwk: stripped))?.thumbprint == decrypting.publicKey.thumbprint,
                "another public key")
            for algorithm in decrypting.publicKey.algorithms {
                let token = try? JWEEncrypter(
                    to: decrypting.publicKey, algorithm: algorithm, encryption: .a128GCM, contentType: nil
                ).encrypt("a")
                let opened = try? CompactJWE(parsing: token ?? "").decrypted(with: decrypting, allowing: .toPublicKey)
                try require(opened?.plaintext == Secret("a"), "private and public part do not belong together")
            }
        }
    }

    private static func read(_ bytes: [UInt8]) throws(Violation) -> JSONObject {
        guard let object = try? JSONObject(parsing: bytes) else { throw Violation("written again it is no object") }
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            try require(object[name] == nil, "a private member is written", name)
        }
        return object
    }
}

extension PublicKey {
    fileprivate func signsNothing() -> Bool {
        let empty: [UInt8] = []
        return SignatureAlgorithm.allCases.allSatisfy { algorithm in
            (try? isValid(empty.span, over: empty.span, by: algorithm)) != true
        }
    }
}
