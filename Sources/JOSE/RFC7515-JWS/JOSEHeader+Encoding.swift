internal import JSON

extension JOSEHeader {
    /// The protected header of what a key signs, in base64url.
    ///
    /// That the payload is not encoded is announced as RFC 7797 §6 says.
    static func encoded(
        algorithm: SignatureAlgorithm, keyID: String, type: JWSType?, encodesPayload: Bool = true
    ) -> [UInt8] {
        var header = JSONWriter(capacity: 128)
        header.object { header in
            header.member("alg", algorithm.rawValue)
            header.member("typ", type?.name)
            header.member("kid", keyID)
            if !encodesPayload {
                header.member("b64", false)
                header.member("crit", SignedContent.extensions)
            }
        }
        var text: [UInt8] = []
        Base64URL.append(header.bytes.span, to: &text)
        return text
    }
}
