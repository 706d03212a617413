public import JSON

/// Makes JWTs of one type with one key: RFC 7519 §7.1, RFC 7515 §5.1.
///
/// Header and key are fixed, so the encoded header is computed once and a token is one buffer from the first byte to
/// the signature. Immutable: one signer serves all threads.
public struct JWTSigner: Sendable {
    /// The key that signs.
    public let key: SigningKey

    /// The encoded header with its dot.
    private let prefix: [UInt8]

    /// A signer for tokens of a type; `nil` writes no `typ`.
    public init(key: SigningKey, type: JWSType?) {
        self.key = key
        var header = JSONWriter(capacity: 128)
        header.object {
            $0.member("alg", key.algorithm.rawValue)
            $0.member("typ", type?.name)
            $0.member("kid", key.keyID)
        }
        var prefix: [UInt8] = []
        Base64URL.append(header.bytes.span, to: &prefix)
        prefix.append(UInt8(ascii: "."))
        self.prefix = prefix
    }

    /// Signs claims.
    ///
    /// Throws `libraryFailure` only.
    public func sign(_ claims: some JSONEncodable) throws(JOSEError) -> String {
        String(decoding: try token(claims.jsonBytes(capacity: 512).span), as: UTF8.self)
    }

    /// Signs any payload.
    func sign(bytes payload: Span<UInt8>) throws(JOSEError) -> String {
        String(decoding: try token(payload), as: UTF8.self)
    }

    private func token(_ payload: Span<UInt8>) throws(JOSEError) -> [UInt8] {
        var token: [UInt8] = []
        token.reserveCapacity(prefix.count + Base64URL.encodedCount(payload.count) + 90)
        token.append(contentsOf: prefix)
        Base64URL.append(payload, to: &token)
        let signature = try key.sign(token.span)
        token.append(UInt8(ascii: "."))
        Base64URL.append(signature.span, to: &token)
        return token
    }
}
