/// A JWS whose payload travels beside it, not verified: RFC 7515 appendix F, RFC 7797.
///
/// The payload may be signed encoded or as it is: the protected header says which, and a signature for one never fits
/// the other.
public struct DetachedJWS: Sendable {
    private let content: SignedContent

    /// The header, as anybody could have written it.
    public var header: JOSEHeader { content.header }

    /// How the payload enters what is signed.
    public enum PayloadEncoding: Sendable {
        /// As base64url: RFC 7515 §5.1.
        case base64URL
        /// As it is, with `b64` false: RFC 7797 §3.
        case none
    }

    /// Takes a token without payload apart and puts the payload into its place.
    ///
    /// Throws `oversize` for a token above the limit (that of the payload is the caller's), `malformedToken` also if it
    /// brings a payload along, `malformedHeader` or `criticalExtension`.
    public init(parsing token: String, over payload: [UInt8], limit: Int = CompactJWS.limit) throws(JOSEError) {
        let token = token.utf8.span
        guard token.count <= limit else { throw .oversize }
        let (first, second) = try CompactJWS.dots(in: token)
        guard second == first + 1 else { throw .malformedToken }
        guard first <= Base64URL.encodedCount(JOSEHeader.limit) else { throw .oversize }
        let protected = token.extracting(..<first).withUnsafeBufferPointer { [UInt8]($0) }
        guard let header = Base64URL.decode(protected.span),
            let signature = Base64URL.decode(token.extracting((second + 1)...))
        else { throw .malformedToken }
        content = SignedContent(
            protected: protected, header: try JOSEHeader(parsing: header, understanding: SignedContent.extensions),
            payload: payload, signature: signature)
    }

    /// The payload and who signed it, as for `CompactJWS`.
    public func verified(
        with keys: some VerificationKeys, allowing algorithms: AllowedAlgorithms = .assigned,
        expecting type: JWSType.Expectation
    ) throws(JOSEError) -> VerifiedJWS {
        try content.verified(with: keys, allowing: algorithms, expecting: type)
    }

    /// The payload, if it was authenticated with this secret, as for `CompactJWS`.
    public func verified(with key: MACKey, expecting type: JWSType.Expectation) throws(JOSEError) -> VerifiedJWS {
        try content.verified(with: key, expecting: type)
    }

    /// Signs a payload that stays outside of the token.
    ///
    /// Throws `libraryFailure` only.
    public static func sign(
        _ payload: [UInt8], as encoding: PayloadEncoding, with key: SigningKey, type: JWSType?
    ) throws(JOSEError) -> String {
        let header = JOSEHeader.encoded(
            algorithm: key.algorithm, keyID: key.keyID, type: type, encodesPayload: encoding == .base64URL)
        let input = SignedContent.signingInput(header, payload, isEncoded: encoding == .base64URL)
        let signature = try key.sign(input.span)
        return String(decoding: header, as: UTF8.self) + ".." + Base64URL.encode(signature)
    }
}
