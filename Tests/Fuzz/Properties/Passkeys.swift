@testable import JOSE
@testable import WebAuthn

extension FuzzTarget {
    /// Canonical CBOR: RFC 8949 §4.2, CTAP 2.1 §8.
    static let cbor = FuzzTarget(name: "cbor", longestInput: 192) { bytes throws(Violation) in
        var generated = bytes[...]
        let value = CBORValue(madeFrom: &generated, depth: CBORReader.deepest)
        try require((try? CBORReader.read(value.encoded)) == value, "written and read it differs", "\(value)")

        var reader = CBORReader()
        guard let item = try? reader.readItem(bytes.span) else {
            try require((try? CBORReader.read(bytes)) == nil, "two readings of one text")
            return
        }
        let prefix = Array(bytes.prefix(reader.position))
        try require(item.encoded == prefix, "a second spelling", "\(item)")
        try require(
            (try? CBORReader.read(bytes) == item) == (reader.position == bytes.count ? true : nil), "bytes left")
        for count in 0..<prefix.count {
            let isCut =
                if case .failure(.unexpectedEnd) = Self.outcome(Array(prefix.prefix(count))) { true } else { false }
            try require(isCut, "what is cut short is not told from what is wrong", "\(count)")
        }
    }

    private static func outcome(_ bytes: [UInt8]) -> Result<CBORValue, CBORError> {
        Result { () throws(CBORError) in try CBORReader.read(bytes) }
    }

    /// Attestation objects: WebAuthn §6.5.4 and §8.
    ///
    /// The client data is that of an example, so that signatures of two makers fit, and nobody can make a third.
    static let attestations = FuzzTarget(name: "attestations", longestInput: 1280) { bytes throws(Violation) in
        let answer = RegistrationAnswer(
            clientDataJSON: Example.registration, attestationObject: bytes, transports: ["usb"])
        let challenge = WebAuthnChallenge(bytes: Example.challenge)
        let credential = try? Example.relyingParty.register(answer, challenge: challenge, verification: .preferred)
        try require(OpenSSLErrors.isEmpty, "an error left in the queue")
        guard let credential else { return }
        guard let object = try? AttestationObject(bytes) else { throw Violation("registered without an object") }
        try require(credential.id.count <= 1023 && !credential.id.isEmpty, "an ID of another length")
        try require(credential.aaguid.count == 16, "half a model")
        try require(credential.isBackupEligible || !credential.isBackedUp, "backed up, and not eligible")
        guard let key = try? COSEKey(decoding: credential.publicKey) else {
            throw Violation("a stored key that is refused")
        }
        let signature = [UInt8](repeating: 1, count: 64)
        try require((try? key.isValid(signature, over: bytes)) == false, "a signature of nobody")
        switch object.format {
        case "none": try require(object.statement.entries.isEmpty, "a statement of nothing")
        case "packed": try require(Example.signed.contains(object.authenticatorData), "a signature from nowhere")
        default: throw Violation("another format", object.format)
        }
    }

    /// Certificates of attestation keys: RFC 5280 §4.1, WebAuthn §8.2.1.
    static let certificates = FuzzTarget(name: "certificates", longestInput: 896) { bytes throws(Violation) in
        _ = ECDSASignatureValue.fixed(fromDER: bytes)
        guard let certificate = AttestationCertificate(bytes) else { return }
        try require(AttestationCertificate(bytes + [0]) == nil, "a byte behind it is passed over")
        try require(AttestationCertificate(bytes.dropLast()) == nil, "a missing byte is passed over")
        if let model = certificate.aaguid { try require(model.count == 16, "half a model") }
        _ = certificate.meetsRequirements
        let keys = WebAuthnAlgorithm.allCases.compactMap { try? certificate.publicKey(for: $0) }
        try require(keys.count <= 1, "one key of two kinds")
        try require(OpenSSLErrors.isEmpty, "an error left in the queue")
    }

    /// Assertions: WebAuthn §6.1 and §5.8.1, and the JSON that carries answers (§5.1).
    ///
    /// The first byte tells how many after it are authenticator data; client data follows. Text goes the other way.
    static let assertions = FuzzTarget(name: "assertions", longestInput: 384) { bytes throws(Violation) in
        guard let count = bytes.first else { return }
        if count == UInt8(ascii: "{") {
            _ = try? RegistrationAnswer(json: bytes)
            guard let answer = try? AssertionAnswer(json: bytes) else { return }
            try require((1...1023).contains(answer.credentialID.count), "an ID of another length")
            try require(answer.userHandle?.isEmpty != true, "an empty user handle")
            return
        }
        let data = Array(bytes.dropFirst().prefix(Int(count)))
        let client = Array(bytes.dropFirst(1 + Int(count)))
        if let read = try? AuthenticatorData(data) {
            try require(data.count >= 37, "a part is missing")
            let isBare = read.credential == nil && !read.flags.contains(.extensions)
            try require(!isBare || data.count == 37, "bytes left over")
            try require((try? AuthenticatorData(data + [0])) == nil, "a byte behind it is passed over")
        }
        if (try? ClientData(client)) != nil {
            try require((try? ClientData(client + [UInt8(ascii: "x")])) == nil, "a byte behind it is passed over")
        }
        let answer = AssertionAnswer(
            credentialID: Example.credential.id, clientDataJSON: client, authenticatorData: data,
            signature: Example.signature, userHandle: nil)
        let assertion = try? Example.relyingParty.verify(
            answer, challenge: WebAuthnChallenge(bytes: Example.assertionChallenge), verification: .preferred,
            credential: Example.credential, userHandle: [1])
        let isExample = data == Example.authenticatorData && client == Example.assertion
        try require((assertion != nil) == isExample, "what was signed is refused, or what was not is taken")
        try require(OpenSSLErrors.isEmpty, "an error left in the queue")
    }
}

extension CBORValue {
    /// Any value at all, drawn from bytes.
    fileprivate init(madeFrom bytes: inout ArraySlice<UInt8>, depth: Int) {
        guard let first = bytes.popFirst() else {
            self = .null
            return
        }
        let count = Int(first >> 4)
        let number = bytes.prefix(count % 9).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        switch first % 8 {
        case 0: self = .unsigned(number)
        case 1: self = .negative(number)
        case 2: self = .bytes(Array(bytes.prefix(count * 24)))
        case 3: self = .text(String(decoding: bytes.prefix(count * 24), as: UTF8.self))
        case 4 where depth > 0:
            var items: [CBORValue] = []
            for _ in 0..<count * 2 { items.append(CBORValue(madeFrom: &bytes, depth: depth - 1)) }
            self = .array(items)
        case 5 where depth > 0:
            var entries: [CBORMap.Entry] = []
            for _ in 0..<count {
                let key = CBORValue(madeFrom: &bytes, depth: 0)
                let isKey = key.text != nil || key.encoded[0] < 0x40
                guard isKey, !entries.contains(where: { $0.key == key }) else { continue }
                entries.append(.init(key, CBORValue(madeFrom: &bytes, depth: depth - 1)))
            }
            self = .map(CBORMap(entries.sorted { $0.key.encoded.lexicographicallyPrecedes($1.key.encoded) }))
        case 6: self = .bool(count % 2 == 0)
        default: self = .null
        }
    }
}

/// The examples `packed-self-es256` and `none-es256` of WebAuthn Level 3 §16, and one with a certificate of our own.
private enum Example {
    static let relyingParty = WebAuthnRelyingParty(id: "example.org", name: "", origins: ["https://example.org"])

    static let challenge = bytes("7869c2b772d4b58eba9378cf8f29e26cf935aa77df0da89fa99c0bdc0a76f7e5")
    static let registration = Array(
        (#"{"type":"webauthn.create","challenge":"eGnCt3LUtY66k3jPjynibPk1qnffDaifqZwL3Ap29-U","#
            + #""origin":"https://example.org","crossOrigin":false,"extraData":"clientDataJSON may be extended "#
            + #"with additional fields in the future, such as this: U9hTXvKE2URkMnb_0xYHVg"}"#).utf8)

    /// Authenticator data for which there are attestation signatures.
    static let signed = [
        bytes(
            "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b5"
                + "5d00000000df850e09db6afbdfab51697791506cfc0020455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865e"
                + "cdca129cbef58ca5010203262001215820eb151c8176b225cc651559fecf07af450fd85802046656b34c18f6cf193843"
                + "c5225820927b8aa427a2be1b8834d233a2d34f61f13bfd44119c325d5896e183fee484f2"),
        bytes(
            "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b5"
                + "c500000007000102030405060708090a0b0c0d0e0f0003010203a40101032720062158209262f2439aff058943dad573"
                + "a2272de0a12f57a15589977dd7d93f692605c050a16b6372656450726f7465637402"),
    ]

    static let assertionChallenge = bytes("39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408")
    static let assertion = Array(
        (#"{"type":"webauthn.get","challenge":"OcDnUhQXulTUPo3JUXT0I97pvzzYBP9tZchXyav01Ag","#
            + #""origin":"https://example.org","crossOrigin":false}"#).utf8)
    static let authenticatorData = bytes("bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000")
    static let signature = bytes(
        "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd38022100"
            + "8480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87")
    static let credential = WebAuthnCredential(
        id: bytes("f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4"),
        publicKey: bytes(
            "a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61"
                + "225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220"),
        signCount: 0, isBackupEligible: true, isBackedUp: true, isUserVerified: false,
        aaguid: [UInt8](repeating: 0, count: 16), transports: [])

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
