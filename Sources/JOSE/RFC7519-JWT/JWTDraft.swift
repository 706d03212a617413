public import JSON

/// JWTs of one type and one key but for their signatures, which another place makes: RFC 7515 §5.1.
public struct JWTDraft: Sendable {
    /// The encoded header with its dot.
    private let prefix: [UInt8]

    /// `nil` writes no `typ`.
    public init(algorithm: SignatureAlgorithm, keyID: String, type: JWSType?) {
        var prefix = JOSEHeader.encoded(algorithm: algorithm, keyID: keyID, type: type)
        prefix.append(UInt8(ascii: "."))
        self.prefix = prefix
    }

    /// What is to be signed for claims.
    public func signingInput(_ claims: some JSONEncodable) -> [UInt8] {
        signingInput(claims.jsonBytes(capacity: 512).span)
    }

    /// What is to be signed for any payload.
    func signingInput(_ payload: Span<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: prefix.count + Base64URL.encodedCount(payload.count)) { buffer, written in
            written = buffer.update(fromContentsOf: prefix)
            written += Base64URL.write(payload, to: UnsafeMutableBufferPointer(rebasing: buffer[written...]))
        }
    }

    /// The token of a signing input and its signature.
    public static func token(_ input: [UInt8], _ signature: Span<UInt8>) -> String {
        let count = input.count + 1 + Base64URL.encodedCount(signature.count)
        return String(unsafeUninitializedCapacity: count) { text in
            var written = text.update(fromContentsOf: input)
            text[written] = UInt8(ascii: ".")
            written += 1
            return written
                + Base64URL.write(signature, to: UnsafeMutableBufferPointer(rebasing: text[written...]))
        }
    }
}
