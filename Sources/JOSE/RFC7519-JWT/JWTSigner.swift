public import JSON

/// Makes JWTs of one type with one key: RFC 7519 §7.1, RFC 7515 §5.1.
///
/// Header and key are fixed, so the encoded header is computed once and a token is one buffer from the first byte to
/// the signature. Immutable: one signer serves all threads.
public struct JWTSigner: Sendable {
    /// The key that signs.
    public let key: SigningKey

    private let draft: JWTDraft

    /// A signer for tokens of a type; `nil` writes no `typ`.
    public init(key: SigningKey, type: JWSType?) {
        self.key = key
        draft = JWTDraft(algorithm: key.algorithm, keyID: key.keyID, type: type)
    }

    /// Signs claims.
    ///
    /// Throws `libraryFailure` only.
    public func sign(_ claims: some JSONEncodable) throws(JOSEError) -> String {
        try sign(bytes: claims.jsonBytes(capacity: 512).span)
    }

    /// Signs any payload.
    ///
    /// Throws `libraryFailure` only.
    public func sign(bytes payload: Span<UInt8>) throws(JOSEError) -> String {
        let input = draft.signingInput(payload)
        let signature = try key.sign(input.span)
        return JWTDraft.token(input, signature.span)
    }
}
