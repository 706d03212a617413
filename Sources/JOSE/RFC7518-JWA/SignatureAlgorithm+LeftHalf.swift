extension SignatureAlgorithm {
    /// The left half of a text's digest in base64url, by the hash function of this algorithm: what `at_hash` and
    /// `c_hash` hold (OpenID Connect Core §3.1.3.6).
    public func leftHalf(ofHashOf text: String) -> String {
        let digest = SHA256.digest(of: text).bytes
        return Base64URL.encode(Array(digest.prefix(digest.count / 2)))
    }
}
