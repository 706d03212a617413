internal import Glibc

/// A JWS in compact serialization, taken apart and not verified: RFC 7515 §3.1, §5.2.
///
/// Nothing in it may be believed yet; that is why the payload is not public.
public struct CompactJWS: Sendable {
    private let content: SignedContent

    /// The header, as anybody could have written it.
    public var header: JOSEHeader { content.header }

    /// The claims, as anybody could have written them.
    func unverifiedClaims() throws(JOSEError) -> JWTClaims {
        try content.withPayload { payload throws(JOSEError) in try JWTClaims(parsing: payload) }
    }

    /// The longest token that is looked at by default, in bytes.
    public static let limit = 16 * 1024

    /// Takes a token apart.
    ///
    /// Throws `oversize`, `malformedToken`, `malformedHeader` or `criticalExtension`.
    public init(parsing token: Span<UInt8>, limit: Int = CompactJWS.limit) throws(JOSEError) {
        guard token.count <= limit else { throw .oversize }
        let (first, second) = try Self.dots(in: token)
        guard first <= Base64URL.encodedCount(JOSEHeader.limit) else { throw .oversize }
        let header = try RecentHeaders.header(token.extracting(..<first))
        let payload = token.extracting((first + 1)..<second)
        let signature = token.extracting((second + 1)...)
        guard let payloadCount = Base64URL.decodedCount(payload.count),
            let signatureCount = Base64URL.decodedCount(signature.count)
        else { throw .malformedToken }
        let end = second + payloadCount
        var isValid = false
        let bytes = [UInt8](unsafeUninitializedCapacity: end + signatureCount) { bytes, written in
            token.extracting(..<second).withUnsafeBufferPointer { _ = bytes.update(fromContentsOf: $0) }
            isValid =
                Base64URL.read(payload, into: UnsafeMutableBufferPointer(rebasing: bytes[second..<end]))
                && Base64URL.read(
                    signature, into: UnsafeMutableBufferPointer(rebasing: bytes[end..<end + signatureCount]))
            written = isValid ? end + signatureCount : 0
        }
        guard isValid else { throw .malformedToken }
        content = SignedContent(header: header, bytes: bytes, payload: second..<end)
    }

    /// Takes a token apart.
    public init(parsing token: String, limit: Int = CompactJWS.limit) throws(JOSEError) {
        try self.init(parsing: token.utf8.span, limit: limit)
    }

    /// Where the two dots are; throws `malformedToken` unless there are two (a JWE has four).
    static func dots(in token: Span<UInt8>) throws(JOSEError) -> (first: Int, second: Int) {
        guard let first = dot(in: token, from: 0), let second = dot(in: token, from: first + 1),
            dot(in: token, from: second + 1) == nil
        else { throw .malformedToken }
        return (first, second)
    }

    /// Where the next dot is; the C library looks at many bytes at once.
    private static func dot(in token: Span<UInt8>, from start: Int) -> Int? {
        token.withUnsafeBytes { bytes in
            guard start < bytes.count, let base = bytes.baseAddress else { return nil }
            return memchr(base + start, Int32(UInt8(ascii: ".")), bytes.count - start).map {
                $0 - UnsafeMutableRawPointer(mutating: base)
            }
        }
    }

    /// The payload and who signed it, if the key of the token's `kid` did, with an allowed algorithm.
    ///
    /// Throws `wrongType`, `unknownKey`, `wrongAlgorithm` or `invalidSignature`.
    public func verified(
        with keys: some VerificationKeys, allowing algorithms: AllowedAlgorithms = .assigned,
        expecting type: JWSType.Expectation
    ) throws(JOSEError) -> VerifiedJWS {
        try content.verified(with: keys, allowing: algorithms, expecting: type)
    }

    /// The payload, if it was authenticated with this secret and its algorithm.
    ///
    /// Throws as for keys.
    public func verified(with key: MACKey, expecting type: JWSType.Expectation) throws(JOSEError) -> VerifiedJWS {
        try content.verified(with: key, expecting: type)
    }
}
