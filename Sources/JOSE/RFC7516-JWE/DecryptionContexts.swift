/// What is kept ready for decrypting with one private key.
enum DecryptionContexts: Sendable {
    case rsa(RSAOAEP.Contexts)
    case agreement(KeyAgreement)

    init(_ material: PrivateMaterial) {
        if let agreement = KeyAgreement(material.key, material.publicPart.shape) {
            self = .agreement(agreement)
        } else {
            self = .rsa(RSAOAEP.Contexts(material.key, .decrypt))
        }
    }
}

extension DecryptionKey {
    /// The key of a token's content, `nil` if it was not encrypted to this key.
    ///
    /// Throws `malformedToken`, `malformedHeader` or `invalidKey` for what anybody can see without the key, and
    /// `libraryFailure`.
    func contentKey(from encrypted: [UInt8], header: JWEHeader) throws(JOSEError) -> Secret? {
        switch contexts {
        case .rsa(let contexts):
            guard let padding = RSAOAEP(header.algorithm), encrypted.count == contexts.count else {
                throw .malformedToken
            }
            return try contexts.decrypt(encrypted, padding)
        case .agreement(let agreement):
            guard let members = header.ephemeralKey else { throw .malformedHeader }
            let ephemeralKey = try material.publicPart.shape.ephemeralKey(members)
            let derived = try agreement.agree(with: ephemeralKey)
                .derive(for: header.algorithm, header.encryption, partyU: header.partyU, partyV: header.partyV)
            guard header.algorithm.wrappingKeyCount != nil else { return derived }
            return try AESKeyWrap.unwrap(encrypted.span, under: derived)
        }
    }
}
