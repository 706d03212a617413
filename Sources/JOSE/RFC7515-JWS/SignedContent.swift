/// Header, content and signature of a JWS in whatever serialization, not verified: RFC 7515 §5.2.
struct SignedContent: Sendable {
    let header: JOSEHeader
    /// What the signature is over (§5.2 step 8, or RFC 7797 §3), the payload and the signature: one buffer for all.
    private let bytes: [UInt8]
    private let payloadRange: Range<Int>

    init(header: JOSEHeader, bytes: [UInt8], payload: Range<Int>) {
        self.header = header
        self.bytes = bytes
        payloadRange = payload
    }

    private var signingInput: Range<Int> { 0..<payloadRange.lowerBound }
    private var signature: Range<Int> { payloadRange.upperBound..<bytes.count }

    var payload: [UInt8] { Array(bytes[payloadRange]) }

    func withPayload<Result, Failure>(_ body: (Span<UInt8>) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(bytes.span.extracting(payloadRange))
    }

    /// From the encoded protected header and a payload that is not yet part of the signing input.
    init(protected: [UInt8], header: JOSEHeader, payload: [UInt8], signature: [UInt8]) {
        let input = Self.signingInput(protected, payload, isEncoded: header.encodesPayload)
        self.init(
            header: header, bytes: input + payload + signature, payload: input.count..<(input.count + payload.count))
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
        let bytes = bytes.span
        let isValid = try key.isValid(bytes.extracting(signature), over: bytes.extracting(signingInput), by: algorithm)
        guard isValid else { throw .invalidSignature }
        return VerifiedJWS(self, key: key)
    }

    /// The content, if it was authenticated with the secret of its `kid`.
    func verified(with key: MACKey, expecting type: JWSType.Expectation) throws(JOSEError) -> VerifiedJWS {
        guard type.allows(header.type) else { throw .wrongType }
        if let named = header.keyID, let own = key.keyID, !named.utf8.elementsEqual(own.utf8) { throw .unknownKey }
        guard header.algorithm == key.algorithm.rawValue else { throw .wrongAlgorithm }
        let bytes = bytes.span
        let isValid = try key.isValid(bytes.extracting(signature), over: bytes.extracting(signingInput))
        guard isValid else { throw .invalidSignature }
        return VerifiedJWS(self, key: nil)
    }
}

/// A JWS whose signature was verified; there is no other way to get one.
public struct VerifiedJWS: Sendable {
    private let content: SignedContent

    /// The header.
    public var header: JOSEHeader { content.header }
    /// The content.
    public var payload: [UInt8] { content.payload }
    /// The key that signed it; `nil` if it was authenticated with a shared secret.
    public let key: PublicKey?

    fileprivate init(_ content: SignedContent, key: PublicKey?) {
        self.content = content
        self.key = key
    }

    /// The claims of a JWT; throws `malformedClaims` or `invalidClaim`.
    func claims() throws(JOSEError) -> JWTClaims {
        try content.withPayload { payload throws(JOSEError) in try JWTClaims(parsing: payload) }
    }
}
