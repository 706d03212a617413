internal import JOSE
internal import JSON

extension AttestationCertificate {
    /// The key for an algorithm; throws `invalidAttestationCertificate` if it holds one of another kind.
    func publicKey(for algorithm: WebAuthnAlgorithm) throws(WebAuthnError) -> PublicKey {
        guard let jwk = jwk(for: algorithm) else { throw .invalidAttestationCertificate }
        do { return try PublicKey(webAuthn: jwk, algorithm) } catch {
            throw error == .libraryFailure ? error : .invalidAttestationCertificate
        }
    }

    /// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) as a JWK.
    private func jwk(for algorithm: WebAuthnAlgorithm) -> JSONObject? {
        var parts = DERReader(keyInfo)
        guard let identifier = parts.read(.sequence), let bits = parts.read(.bitString), parts.isAtEnd,
            bits.first == 0
        else { return nil }
        let content = bits.dropFirst()
        var jwk = JSONObject()
        switch algorithm {
        case .es256:
            // RFC 5480 §2: id-ecPublicKey on secp256r1, the point not compressed.
            guard identifier.elementsEqual(Self.onP256), content.count == 65, content.first == 4 else { return nil }
            jwk["kty"] = "EC"
            jwk["crv"] = "P-256"
            jwk["x"] = .string(Base64URL.encode([UInt8](content.dropFirst().prefix(32))))
            jwk["y"] = .string(Base64URL.encode([UInt8](content.suffix(32))))
        case .edDSA:
            guard identifier.elementsEqual(Self.ed25519) else { return nil }  // RFC 8410 §4
            jwk["kty"] = "OKP"
            jwk["crv"] = "Ed25519"
            jwk["x"] = .string(Base64URL.encode([UInt8](content)))
        case .rs256:
            guard identifier.elementsEqual(Self.rsa) else { return nil }  // RFC 3279 §2.3.1
            var outer = DERReader(content)
            guard let numbers = outer.read(.sequence), outer.isAtEnd else { return nil }
            var inner = DERReader(numbers)
            guard let modulus = inner.readNaturalNumber(), let exponent = inner.readNaturalNumber(), inner.isAtEnd
            else { return nil }
            jwk["kty"] = "RSA"
            jwk["n"] = .string(Base64URL.encode([UInt8](modulus)))
            jwk["e"] = .string(Base64URL.encode([UInt8](exponent)))
        }
        return jwk
    }

    private static let onP256: [UInt8] = [
        0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01,
        0x07,
    ]
    private static let ed25519: [UInt8] = [0x06, 0x03, 0x2B, 0x65, 0x70]
    private static let rsa: [UInt8] = [
        0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]
}
