/// A JWS in compact serialization, taken apart and not verified: RFC 7515 §3.1, §5.2.
///
/// Nothing in it may be believed yet; that is why the payload is not public.
public struct CompactJWS: Sendable {
    /// The header, as anybody could have written it.
    public let header: JOSEHeader

    let payload: [UInt8]
    private let signature: [UInt8]
    private let signingInput: [UInt8]

    /// The longest token that is looked at by default, in bytes.
    public static let limit = 16 * 1024

    /// Takes a token apart.
    ///
    /// Throws `oversize`, `malformedToken`, `malformedHeader` or `criticalExtension`.
    public init(parsing token: Span<UInt8>, limit: Int = CompactJWS.limit) throws(JOSEError) {
        guard token.count <= limit else { throw .oversize }
        var dots: [Int] = []
        for index in token.indices where token[index] == UInt8(ascii: ".") {
            dots.append(index)
            guard dots.count <= 2 else { throw .malformedToken }  // RFC 7516 has four
        }
        guard dots.count == 2 else { throw .malformedToken }
        guard dots[0] <= Base64URL.encodedCount(JOSEHeader.limit) else { throw .oversize }
        guard
            let header = Base64URL.decode(token.extracting(..<dots[0])),
            let payload = Base64URL.decode(token.extracting((dots[0] + 1)..<dots[1])),
            let signature = Base64URL.decode(token.extracting((dots[1] + 1)...))
        else { throw .malformedToken }
        self.header = try JOSEHeader(parsing: header)
        self.payload = payload
        self.signature = signature
        signingInput = token.extracting(..<dots[1]).withUnsafeBufferPointer { [UInt8]($0) }
    }

    /// Takes a token apart.
    public init(parsing token: String, limit: Int = CompactJWS.limit) throws(JOSEError) {
        try self.init(parsing: token.utf8.span, limit: limit)
    }

    /// The payload and who signed it, if the key of the token's `kid` did, with that key's own algorithm.
    ///
    /// Throws `wrongType`, `unknownKey`, `wrongAlgorithm` or `invalidSignature`.
    public func verified(
        with keys: some VerificationKeys, expecting type: JWSType.Expectation
    ) throws(JOSEError) -> VerifiedJWS {
        guard type.allows(header.type) else { throw .wrongType }
        guard let key = keys.publicKey(withID: header.keyID) else { throw .unknownKey }
        guard header.algorithm == key.algorithm.rawValue else { throw .wrongAlgorithm }
        guard try key.isValid(signature.span, over: signingInput.span) else { throw .invalidSignature }
        return VerifiedJWS(header: header, payload: payload, key: key)
    }
}

/// A JWS whose signature was verified; there is no other way to get one.
public struct VerifiedJWS: Sendable {
    /// The header.
    public let header: JOSEHeader
    /// The content.
    public let payload: [UInt8]
    /// The key that signed it.
    public let key: PublicKey

    fileprivate init(header: JOSEHeader, payload: [UInt8], key: PublicKey) {
        self.header = header
        self.payload = payload
        self.key = key
    }
}
