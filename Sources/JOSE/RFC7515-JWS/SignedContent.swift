/// Header, content and signature of a JWS in whatever serialization, not verified: RFC 7515 §5.2.
struct SignedContent: Sendable {
    let header: JOSEHeader
    let payload: [UInt8]
    let signature: [UInt8]
    /// What the signature is over: §5.2 step 8, or RFC 7797 §3.
    let signingInput: [UInt8]

    init(header: JOSEHeader, payload: [UInt8], signature: [UInt8], signingInput: [UInt8]) {
        self.header = header
        self.payload = payload
        self.signature = signature
        self.signingInput = signingInput
    }

    /// From the encoded protected header and a payload that is not yet part of the signing input.
    init(protected: [UInt8], header: JOSEHeader, payload: [UInt8], signature: [UInt8]) {
        self.init(
            header: header, payload: payload, signature: signature,
            signingInput: Self.signingInput(protected, payload, isEncoded: header.encodesPayload))
    }

    /// The extensions that readers of this content know, where a payload may stay as it is: RFC 7797.
    static let extensions = ["b64"]

    /// RFC 7797 §3: the payload encoded or as it is.
    static func signingInput(_ protected: [UInt8], _ payload: [UInt8], isEncoded: Bool) -> [UInt8] {
        var input = protected
        input.append(UInt8(ascii: "."))
        if isEncoded { Base64URL.append(payload.span, to: &input) } else { input += payload }
        return input
    }

    /// The content, if the key of its `kid` signed it with an allowed algorithm.
    func verified(
        with keys: some VerificationKeys, allowing algorithms: AllowedAlgorithms, expecting type: JWSType.Expectation
    ) throws(JOSEError) -> VerifiedJWS {
        guard type.allows(header.type) else { throw .wrongType }
        guard let key = keys.publicKey(withID: header.keyID) else { throw .unknownKey }
        let algorithm = try algorithms.algorithm(header, for: key)
        guard try key.isValid(signature.span, over: signingInput.span, by: algorithm) else { throw .invalidSignature }
        return VerifiedJWS(header: header, payload: payload, key: key)
    }

    /// The content, if it was authenticated with the secret of its `kid`.
    func verified(with key: MACKey, expecting type: JWSType.Expectation) throws(JOSEError) -> VerifiedJWS {
        guard type.allows(header.type) else { throw .wrongType }
        if let named = header.keyID, let own = key.keyID, !named.utf8.elementsEqual(own.utf8) { throw .unknownKey }
        guard header.algorithm == key.algorithm.rawValue else { throw .wrongAlgorithm }
        guard try key.isValid(signature.span, over: signingInput.span) else { throw .invalidSignature }
        return VerifiedJWS(header: header, payload: payload, key: nil)
    }
}

/// A JWS whose signature was verified; there is no other way to get one.
public struct VerifiedJWS: Sendable {
    /// The header.
    public let header: JOSEHeader
    /// The content.
    public let payload: [UInt8]
    /// The key that signed it; `nil` if it was authenticated with a shared secret.
    public let key: PublicKey?

    fileprivate init(header: JOSEHeader, payload: [UInt8], key: PublicKey?) {
        self.header = header
        self.payload = payload
        self.key = key
    }
}
