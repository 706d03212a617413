internal import JOSE
internal import JSON

/// The certificate of an attestation key: RFC 5280 §4.1, with what WebAuthn §8.2.1 asks of it.
///
/// Neither its signature nor its validity is looked at: nobody is trusted to have made it.
struct AttestationCertificate: Sendable {
    private typealias Bytes = ArraySlice<UInt8>

    private let version: Bytes
    /// The values of the subject's attributes, by object identifier.
    private let subject: [(type: Bytes, value: Bytes)]
    private let keyInfo: Bytes
    private let extensions: [(id: Bytes, isCritical: Bool, value: Bytes)]

    /// `nil` for what is no certificate.
    init?(_ bytes: [UInt8]) {
        var outer = DERReader(bytes[...])
        guard let certificate = outer.read(.sequence), outer.isAtEnd else { return nil }
        var parts = DERReader(certificate)
        guard let body = parts.read(.sequence), parts.read(.sequence) != nil, parts.read(.bitString) != nil,
            parts.isAtEnd
        else { return nil }
        var fields = DERReader(body)
        guard let tagged = fields.read(.context0) else { return nil }
        var inner = DERReader(tagged)
        guard let version = inner.read(.integer), inner.isAtEnd,
            fields.read(.integer) != nil,  // serial number
            fields.read(.sequence) != nil,  // algorithm of the signature
            fields.read(.sequence) != nil,  // issuer
            fields.read(.sequence) != nil,  // validity
            let subject = fields.read(.sequence).flatMap(Self.attributes),
            let keyInfo = fields.read(.sequence)
        else { return nil }
        // The unique identifiers of RFC 5280 §4.1.2.8 may stand in between.
        while !fields.isAtEnd, !fields.isNext(.context3) {
            guard fields.readAny() != nil else { return nil }
        }
        guard let extensions = fields.read(.context3).flatMap(Self.extensions), fields.isAtEnd else { return nil }
        self.version = version
        self.subject = subject
        self.keyInfo = keyInfo
        self.extensions = extensions
    }

    /// §8.2.1: version 3, the four attributes of the subject, and that it certifies no others.
    var meetsRequirements: Bool {
        guard version.elementsEqual([2]) else { return false }
        guard let country = attribute(0x06), country.count == 2, attribute(0x0A)?.isEmpty == false,
            attribute(0x0B)?.elementsEqual("Authenticator Attestation".utf8) == true,
            attribute(0x03)?.isEmpty == false
        else { return false }
        guard let constraints = only([0x55, 0x1D, 0x13]), Self.isNoAuthority(constraints.value) else { return false }
        guard extensions.contains(where: { $0.id.elementsEqual(Self.modelID) }) else { return true }
        return aaguid != nil
    }

    /// The model the certificate is for (`id-fido-gen-ce-aaguid`); `nil` where it does not say.
    var aaguid: [UInt8]? {
        guard let found = only(Self.modelID), !found.isCritical else { return nil }
        // An OCTET STRING within the one of the extension.
        var reader = DERReader(found.value)
        guard let model = reader.read(.octetString), reader.isAtEnd, model.count == 16 else { return nil }
        return [UInt8](model)
    }

    private static let modelID: [UInt8] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xE5, 0x1C, 0x01, 0x01, 0x04]

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

    /// An attribute of the subject, by the last byte of its identifier under 2.5.4; `nil` unless it comes once.
    private func attribute(_ number: UInt8) -> Bytes? {
        let found = subject.filter { $0.type.elementsEqual([0x55, 0x04, number]) }
        return found.count == 1 ? found[0].value : nil
    }

    private func only(_ id: [UInt8]) -> (isCritical: Bool, value: Bytes)? {
        let found = extensions.filter { $0.id.elementsEqual(id) }
        return found.count == 1 ? (found[0].isCritical, found[0].value) : nil
    }

    /// Basic constraints (RFC 5280 §4.2.1.9) that say `cA` is false, which DER says by leaving it out.
    private static func isNoAuthority(_ value: Bytes) -> Bool {
        var outer = DERReader(value)
        guard let content = outer.read(.sequence), outer.isAtEnd else { return false }
        return content.isEmpty || content.elementsEqual([DERReader.Tag.boolean.rawValue, 1, 0])
    }

    /// The attributes of a name (RFC 5280 §4.1.2.4); `nil` for a malformed one.
    private static func attributes(_ name: Bytes) -> [(type: Bytes, value: Bytes)]? {
        var found: [(type: Bytes, value: Bytes)] = []
        var sets = DERReader(name)
        while !sets.isAtEnd {
            guard let set = sets.read(.set) else { return nil }
            var pairs = DERReader(set)
            while !pairs.isAtEnd {
                guard let pair = pairs.read(.sequence) else { return nil }
                var parts = DERReader(pair)
                guard let type = parts.read(.objectIdentifier), let value = parts.readAny(), parts.isAtEnd else {
                    return nil
                }
                found.append((type, value))
            }
        }
        return found
    }

    /// The extensions (RFC 5280 §4.1.2.9); `nil` for malformed ones.
    private static func extensions(_ tagged: Bytes) -> [(id: Bytes, isCritical: Bool, value: Bytes)]? {
        var outer = DERReader(tagged)
        guard let list = outer.read(.sequence), outer.isAtEnd else { return nil }
        var found: [(id: Bytes, isCritical: Bool, value: Bytes)] = []
        var elements = DERReader(list)
        while !elements.isAtEnd {
            guard let element = elements.read(.sequence) else { return nil }
            var parts = DERReader(element)
            guard let id = parts.read(.objectIdentifier) else { return nil }
            var isCritical = false
            if parts.isNext(.boolean) {
                guard let flag = parts.readBoolean() else { return nil }
                isCritical = flag
            }
            guard let value = parts.read(.octetString), parts.isAtEnd else { return nil }
            found.append((id, isCritical, value))
        }
        return found
    }
}
