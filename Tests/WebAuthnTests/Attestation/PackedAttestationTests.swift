import JOSE
import MartletTesting
import Testing

@testable import WebAuthn

@Suite("WebAuthn §8.2: packed attestation")
struct PackedAttestationTests {
    static let relyingParty = RegistrationTests.relyingParty
    static let challenge = RegistrationTests.challenge

    /// Registers with a statement made from what there is to sign.
    private func register(
        _ authenticator: SoftAuthenticator,
        _ statement: (_ message: [UInt8]) throws -> [String: CBORValue]
    ) throws -> WebAuthnError? {
        let client = authenticator.clientData(type: "webauthn.create", Self.challenge)
        let data = authenticator.authenticatorData(credential: try authenticator.attestedCredential())
        let made = try statement(data + SHA256.digest(of: client).bytes)
        let answer = RegistrationAnswer(
            clientDataJSON: client, attestationObject: SoftAuthenticator.attestationObject("packed", made, data),
            transports: [])
        return refusal {
            try Self.relyingParty.register(answer, challenge: Self.challenge, verification: .required)
        }
    }

    @Test(arguments: WebAuthnAlgorithm.allCases)
    func verifiesTheKeyOfACertificate(_ algorithm: WebAuthnAlgorithm) throws {
        var authenticator = try SoftAuthenticator()
        authenticator.aaguid = Array(1...16)
        let maker = try SoftAuthenticator(algorithm)
        var certificate = try CertificateBuilder(holding: maker)
        certificate.aaguid = Array(1...16)
        let chain = CBORValue.array([.bytes(certificate.encoded), .bytes([1, 2, 3])])
        func statement(_ signature: [UInt8], _ algorithm: WebAuthnAlgorithm) -> [String: CBORValue] {
            ["alg": CBORValue(algorithm.rawValue), "sig": .bytes(signature), "x5c": chain]
        }
        #expect(try register(authenticator) { statement(try maker.sign($0), algorithm) } == nil)
        #expect(
            try register(authenticator) { statement(try maker.sign($0 + [0]), algorithm) }
                == .invalidAttestationSignature)
        #expect(
            try register(authenticator) { statement(try authenticator.sign($0), algorithm) }
                == .invalidAttestationSignature)
        for other in WebAuthnAlgorithm.allCases where other != algorithm {
            #expect(
                try register(authenticator) { statement(try maker.sign($0), other) }
                    == .invalidAttestationCertificate)
        }
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var error = WebAuthnError.invalidAttestationCertificate
        let change: @Sendable (inout CertificateBuilder) -> Void
    }

    @Test(
        .spec("WebAuthn §8.2.1"),
        arguments: [
            Fault(testDescription: "version 2") { $0.version = 1 },
            Fault(testDescription: "no country") { $0.country = "" },
            Fault(testDescription: "a long country") { $0.country = "AAA" },
            Fault(testDescription: "no organization") { $0.organization = "" },
            Fault(testDescription: "another unit") { $0.unit = "Authenticator attestation" },
            Fault(testDescription: "no name") { $0.commonName = "" },
            Fault(testDescription: "an authority") { $0.constraints = [0x30, 0x03, 0x01, 0x01, 0xFF] },
            Fault(testDescription: "no constraints") { $0.constraints = nil },
            Fault(testDescription: "constraints that are none") { $0.constraints = [0x05, 0x00] },
            Fault(testDescription: "another model", error: .wrongAuthenticatorModel) {
                $0.aaguid = [UInt8](repeating: 2, count: 16)
            },
            Fault(testDescription: "half a model") { $0.aaguid = [UInt8](repeating: 0, count: 8) },
            Fault(testDescription: "a critical model") {
                $0.aaguid = [UInt8](repeating: 0, count: 16)
                $0.isModelCritical = true
            },
            Fault(testDescription: "no key") { $0.keyInfo = [0x30, 0x00] },
        ])
    func refusesACertificateThatIsNotForThis(_ fault: Fault) throws {
        let authenticator = try SoftAuthenticator()
        let maker = try SoftAuthenticator()
        func result(_ certificate: CertificateBuilder) throws -> WebAuthnError? {
            try register(authenticator) { message in
                [
                    "alg": CBORValue(-7), "sig": .bytes(try maker.sign(message)),
                    "x5c": .array([.bytes(certificate.encoded)]),
                ]
            }
        }
        var certificate = try CertificateBuilder(holding: maker)
        #expect(try result(certificate) == nil)
        fault.change(&certificate)
        #expect(try result(certificate) == fault.error)
    }

    /// DER leaves `cA` out when it is false, and some makers write it all the same.
    @Test func takesConstraintsThatSayFalse() throws {
        let authenticator = try SoftAuthenticator()
        let maker = try SoftAuthenticator()
        var certificate = try CertificateBuilder(holding: maker)
        certificate.constraints = [0x30, 0x03, 0x01, 0x01, 0x00]
        let encoded = certificate.encoded
        let error = try register(authenticator) { message in
            ["alg": CBORValue(-7), "sig": .bytes(try maker.sign(message)), "x5c": .array([.bytes(encoded)])]
        }
        #expect(error == nil)
    }

    @Test func noTurnedBitOfACertificateBreaksTheReader() throws {
        var certificate = try CertificateBuilder(holding: SoftAuthenticator())
        certificate.aaguid = [UInt8](repeating: 0, count: 16)
        let encoded = certificate.encoded
        #expect(AttestationCertificate(encoded)?.meetsRequirements == true)
        #expect(AttestationCertificate(encoded + [0]) == nil)
        for count in encoded.indices { #expect(AttestationCertificate(Array(encoded.prefix(count))) == nil) }
        for place in encoded.indices {
            for bit in 0..<8 {
                var turned = encoded
                turned[place] ^= 1 << bit
                _ = AttestationCertificate(turned)?.meetsRequirements
            }
        }
    }

    struct Statement: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let error: WebAuthnError
        let change: @Sendable (inout [String: CBORValue]) -> Void

        init(
            _ testDescription: String, _ error: WebAuthnError = .malformedAttestationStatement,
            _ change: @escaping @Sendable (inout [String: CBORValue]) -> Void
        ) {
            self.testDescription = testDescription
            self.error = error
            self.change = change
        }
    }

    @Test(
        .spec("WebAuthn §8.2"),
        arguments: [
            Statement("no algorithm") { $0["alg"] = nil },
            Statement("an algorithm in words") { $0["alg"] = .text("ES256") },
            Statement("an algorithm not offered", .unsupportedAlgorithm) { $0["alg"] = CBORValue(-35) },
            Statement("the algorithm of another key", .wrongAttestationAlgorithm) { $0["alg"] = CBORValue(-8) },
            Statement("no signature") { $0["sig"] = nil },
            Statement("an empty signature", .invalidAttestationSignature) { $0["sig"] = .bytes([]) },
            Statement("a signature as a text") { $0["sig"] = .text("") },
            Statement("another member") { $0["ver"] = .text("2.0") },
            Statement("the key ID of ECDAA") { $0["ecdaaKeyId"] = .bytes([1]) },
            Statement("no certificates") { $0["x5c"] = .array([]) },
            Statement("a certificate alone") { $0["x5c"] = .bytes([1]) },
            Statement("a certificate as a text") { $0["x5c"] = .array([.text("")]) },
            Statement("a text behind a certificate") { $0["x5c"] = .array([.bytes([]), .text("")]) },
            Statement("eleven certificates") { $0["x5c"] = .array(.init(repeating: .bytes([]), count: 11)) },
            Statement("an empty certificate", .invalidAttestationCertificate) { $0["x5c"] = .array([.bytes([])]) },
            Statement("a member beside certificates") {
                $0["x5c"] = .array([.bytes([])])
                $0["ver"] = .null
            },
        ])
    func refusesAnotherStatement(_ statement: Statement) throws {
        let authenticator = try SoftAuthenticator()
        func sound(_ message: [UInt8]) throws -> [String: CBORValue] {
            ["alg": CBORValue(-7), "sig": .bytes(try authenticator.sign(message))]
        }
        #expect(try register(authenticator, sound) == nil)
        let error = try register(authenticator) { message in
            var made = try sound(message)
            statement.change(&made)
            return made
        }
        #expect(error == statement.error)
    }

    /// A signature that only its own key could make, by another one.
    @Test func refusesTheSignatureOfAnotherKey() throws {
        let authenticator = try SoftAuthenticator()
        let other = try SoftAuthenticator()
        #expect(
            try register(authenticator) { ["alg": CBORValue(-7), "sig": .bytes(try other.sign($0))] }
                == .invalidAttestationSignature)
    }
}
