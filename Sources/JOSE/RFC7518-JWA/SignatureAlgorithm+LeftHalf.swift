extension SignatureAlgorithm {
    /// The left half of a text's digest in base64url, by the hash function of this algorithm: what `at_hash` and
    /// `c_hash` hold (OpenID Connect Core §3.1.3.6).
    public func leftHalf(ofHashOf text: String) -> String {
        hash.withDigest(of: text.utf8.span) { digest in
            let half = UnsafeBufferPointer(rebasing: digest[..<(hash.size / 2)])
            return Base64URL.encode(half.span)
        }
    }
}
