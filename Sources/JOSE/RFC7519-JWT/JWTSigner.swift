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
        var prefix = JOSEHeader.encoded(key: key, type: type)
        prefix.append(UInt8(ascii: "."))
        self.prefix = prefix
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
        let count = prefix.count + Base64URL.encodedCount(payload.count)
        let input = [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            written = buffer.update(fromContentsOf: prefix)
            written += Base64URL.write(payload, to: UnsafeMutableBufferPointer(rebasing: buffer[written...]))
        }
        let signature = try key.sign(input.span)
        return String(unsafeUninitializedCapacity: count + 1 + Base64URL.encodedCount(signature.count)) { text in
            var written = text.update(fromContentsOf: input)
            text[written] = UInt8(ascii: ".")
            written += 1
            return written
                + Base64URL.write(signature.span, to: UnsafeMutableBufferPointer(rebasing: text[written...]))
        }
    }
}
