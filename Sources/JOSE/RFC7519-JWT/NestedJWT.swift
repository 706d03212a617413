// A JWT in a JWE: signed first, encrypted then (RFC 7519 §5.2, §11.2). One level and no more: what was decrypted must
// be a JWS, so that no token can make a recipient decrypt for ever.

extension VerifiedJWT {
    /// Decrypts a token and verifies the JWT in it, whose signature alone says who made it.
    ///
    /// Throws what `CompactJWE.decrypted`, `UnverifiedJWT.init(in:)` and `UnverifiedJWT.verified` throw.
    public init(
        nested token: String, decryptedWith decryptionKeys: some DecryptionKeys, allowing rules: JWEExpectation,
        signedBy keys: some VerificationKeys, as expectation: JWTExpectation, limit: Int = CompactJWE.limit
    ) throws(JOSEError) {
        let jwe = try CompactJWE(parsing: token, limit: limit).decrypted(with: decryptionKeys, allowing: rules)
        self = try UnverifiedJWT(in: jwe).verified(with: keys, as: expectation)
    }
}

extension UnverifiedJWT {
    /// The JWT in a JWE, still unverified: decryption says nothing about who signed it.
    ///
    /// The `typ` of the JWE is not looked at: that of the JWT counts (RFC 8725 §3.11). Throws `wrongType` unless `cty` is
    /// `JWT`, and what the reading of a JWS throws.
    public init(in jwe: DecryptedJWE, limit: Int = CompactJWS.limit) throws(JOSEError) {
        guard let type = jwe.header.contentType, JWSType.jwt.matches(type) else { throw .wrongType }
        self.init(
            try jwe.plaintext.withBytes { bytes throws(JOSEError) in
                try CompactJWS(parsing: bytes, limit: limit)
            })
    }
}
