import JOSE
import MartletTesting
import Testing

@testable import WebAuthn

@Suite("WebAuthn §7.1: registering a passkey")
struct RegistrationTests {
    static let relyingParty = WebAuthnRelyingParty(
        id: "login.example", name: "Login", origins: ["https://login.example", "https://id.example:8443"])
    static let challenge = WebAuthnChallenge(bytes: SeededRandom(seed: 7).bytes(32))

    private func register(
        _ authenticator: SoftAuthenticator, _ verification: UserVerification = .required
    ) throws -> WebAuthnCredential {
        try Self.relyingParty.register(
            authenticator.registration(Self.challenge), challenge: Self.challenge, verification: verification)
    }

    @Test(arguments: WebAuthnAlgorithm.allCases, [SoftAuthenticator.Attestation.none, .packedSelf])
    func givesWhatTheAuthenticatorSays(
        _ algorithm: WebAuthnAlgorithm, _ attestation: SoftAuthenticator.Attestation
    ) throws {
        var authenticator = try SoftAuthenticator(algorithm)
        authenticator.attestation = attestation
        authenticator.signCount = 0x8102_0304
        authenticator.aaguid = Array(1...16)
        authenticator.transports = ["usb", "telepathy", "internal", "usb", "hybrid"]
        let publicKey = try authenticator.publicKey()
        #expect(
            try register(authenticator)
                == WebAuthnCredential(
                    id: authenticator.credentialID, publicKey: publicKey, signCount: 0x8102_0304,
                    isBackupEligible: false, isBackedUp: false, isUserVerified: true, aaguid: Array(1...16),
                    transports: ["hybrid", "internal", "usb"]))
        authenticator.flags = [.userPresent, .backupEligible, .backedUp]
        let synced = try register(authenticator, .preferred)
        #expect(synced.isBackupEligible && synced.isBackedUp && !synced.isUserVerified)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let error: WebAuthnError
        let change: @Sendable (inout SoftAuthenticator) -> Void

        init(
            _ testDescription: String, _ error: WebAuthnError,
            _ change: @escaping @Sendable (inout SoftAuthenticator) -> Void
        ) {
            self.testDescription = testDescription
            self.error = error
            self.change = change
        }
    }

    /// What both ceremonies refuse.
    static let commonFaults = [
        Fault("a page of somebody else", .wrongOrigin) { $0.origin = "https://evil.example" },
        Fault("another port", .wrongOrigin) { $0.origin = "https://login.example:8443" },
        Fault("without TLS", .wrongOrigin) { $0.origin = "http://login.example" },
        Fault("a slash behind the origin", .wrongOrigin) { $0.origin = "https://login.example/" },
        Fault("a subdomain", .wrongOrigin) { $0.origin = "https://a.login.example" },
        Fault("the origin in capitals", .wrongOrigin) { $0.origin = "https://LOGIN.example" },
        Fault("framed by a foreign page", .crossOrigin) { $0.clientExtras = ",\"crossOrigin\":true" },
        Fault("a foreign page on top", .topOrigin) { $0.clientExtras = ",\"topOrigin\":\"https://a.example\"" },
        Fault("the own page on top", .topOrigin) { $0.clientExtras = ",\"topOrigin\":\"https://login.example\"" },
        Fault("crossOrigin as a text", .malformedClientData) { $0.clientExtras = ",\"crossOrigin\":\"false\"" },
        Fault("a member twice", .malformedClientData) { $0.clientExtras = ",\"type\":\"webauthn.get\"" },
        Fault("a comma too many", .malformedClientData) { $0.clientExtras = "," },
        Fault("for another relying party", .wrongRelyingParty) { $0.relyingPartyID = "login.example." },
        Fault("nobody there", .userNotPresent) { $0.flags.remove(.userPresent) },
        Fault("not verified", .userNotVerified) { $0.flags.remove(.userVerified) },
        Fault("backed up but not eligible", .inconsistentBackupFlags) { $0.flags.insert(.backedUp) },
        Fault("extensions that are no map", .malformedAuthenticatorData) { $0.extensions = [0x80] },
        Fault("extensions under numbers", .malformedAuthenticatorData) { $0.extensions = [0xA1, 0x01, 0x01] },
        Fault("extensions twice", .malformedAuthenticatorData) { $0.extensions = [0xA0, 0xA0] },
        Fault("extensions cut short", .malformedAuthenticatorData) { $0.extensions = [0xA1, 0x61] },
        Fault("extensions in long spelling", .malformedAuthenticatorData) { $0.extensions = [0xB8, 0x00] },
    ]

    @Test(.spec("WebAuthn §7.1", "Y-03", "Y-04", "Y-05"), arguments: commonFaults)
    func refusesWhatWasNotAskedFor(_ fault: Fault) throws {
        let sound = try SoftAuthenticator()
        var broken = sound
        fault.change(&broken)
        #expect(refusal { try register(broken) } == fault.error)
        #expect(throws: Never.self) { try register(sound) }
    }

    @Test(arguments: [
        Fault("the second origin", .wrongOrigin) { $0.origin = "https://id.example:8443" },
        Fault("no word of frames", .crossOrigin) { $0.clientExtras = "" },
        Fault("members of the future", .malformedClientData) { $0.clientExtras = ",\"next\":{\"a\":[1,null]}" },
        Fault("outputs of extensions", .malformedAuthenticatorData) {
            $0.extensions = bytes(hex: "a1 6b") + Array("credProtect".utf8) + [0x02]
        },
        Fault("eligible for backup", .inconsistentBackupFlags) { $0.flags.insert(.backupEligible) },
        Fault("backed up", .inconsistentBackupFlags) { $0.flags.formUnion([.backupEligible, .backedUp]) },
        Fault("reserved flags", .malformedAuthenticatorData) { $0.flags.insert(.init(rawValue: 0x22)) },
        Fault("an ID of one byte", .credentialIDLength) { $0.credentialID = [9] },
        Fault("an ID of 1023 bytes", .credentialIDLength) { $0.credentialID = .init(repeating: 9, count: 1023) },
    ])
    func takesWhatIsAllowed(_ variation: Fault) throws {
        for attestation in [SoftAuthenticator.Attestation.none, .packedSelf] {
            var authenticator = try SoftAuthenticator()
            authenticator.attestation = attestation
            variation.change(&authenticator)
            #expect(throws: Never.self) { try register(authenticator) }
        }
    }

    @Test(.spec("WebAuthn §7.1 step 25", "Y-08"), arguments: [0, 1024])
    func refusesAnIDOfAnotherLength(_ count: Int) throws {
        var authenticator = try SoftAuthenticator()
        authenticator.credentialID = [UInt8](repeating: 9, count: count)
        #expect(refusal { try register(authenticator) } == .credentialIDLength)
    }

    @Test func verificationIsRequiredOnlyWhereAskedFor() throws {
        var authenticator = try SoftAuthenticator()
        authenticator.flags = .userPresent
        #expect(refusal { try register(authenticator, .required) } == .userNotVerified)
        #expect(try !register(authenticator, .preferred).isUserVerified)
    }

    @Test(.spec("WebAuthn §13.4.3"))
    func refusesTheAnswerToAnotherChallenge() throws {
        let authenticator = try SoftAuthenticator()
        let answer = try authenticator.registration(Self.challenge)
        for other in [SeededRandom(seed: 8).bytes(32), Self.challenge.bytes + [0], Self.challenge.bytes.dropLast()] {
            #expect(throws: WebAuthnError.wrongChallenge) {
                try Self.relyingParty.register(
                    answer, challenge: WebAuthnChallenge(bytes: other), verification: .required)
            }
        }
        for count in [15, 16] {
            let short = WebAuthnChallenge(bytes: [UInt8](repeating: 1, count: count))
            let answer = try authenticator.registration(short)
            #expect(
                refusal { try Self.relyingParty.register(answer, challenge: short, verification: .required) }
                    == (count < 16 ? .shortChallenge : nil))
        }
    }

    @Test func refusesTheOtherCeremony() throws {
        let authenticator = try SoftAuthenticator()
        let answer = try authenticator.registration(Self.challenge)
        let other = RegistrationAnswer(
            clientDataJSON: authenticator.clientData(type: "webauthn.get", Self.challenge),
            attestationObject: answer.attestationObject, transports: [])
        #expect(throws: WebAuthnError.wrongType) {
            try Self.relyingParty.register(other, challenge: Self.challenge, verification: .required)
        }
        #expect(throws: Never.self) { try register(authenticator) }
    }

    /// §7.1 step 5 drops one byte order mark; all else must be UTF-8.
    @Test func readsClientDataAsUTF8() throws {
        let authenticator = try SoftAuthenticator()
        let answer = try authenticator.registration(Self.challenge)
        func result(_ clientDataJSON: [UInt8]) -> WebAuthnError? {
            let answer = RegistrationAnswer(
                clientDataJSON: clientDataJSON, attestationObject: answer.attestationObject, transports: [])
            return refusal {
                try Self.relyingParty.register(answer, challenge: Self.challenge, verification: .required)
            }
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let extra = Array(",\"a\":\"".utf8)
        let beginning = Array(answer.clientDataJSON.dropLast())
        #expect(result(answer.clientDataJSON) == nil)
        #expect(result(mark + answer.clientDataJSON) == nil)
        #expect(result(mark + mark + answer.clientDataJSON) == .malformedClientData)
        #expect(result(beginning + extra + [0x61] + Array("\"}".utf8)) == nil)
        #expect(result(beginning + extra + [0xFF] + Array("\"}".utf8)) == .malformedClientData)
        #expect(result(answer.clientDataJSON + Array(" ".utf8)) == nil)
        #expect(result(answer.clientDataJSON + Array("x".utf8)) == .malformedClientData)
        #expect(result(Array("[]".utf8)) == .malformedClientData)
        let room = ClientData.longest - answer.clientDataJSON.count
        #expect(result(answer.clientDataJSON + [UInt8](repeating: 0x20, count: room)) == nil)
        #expect(result(answer.clientDataJSON + [UInt8](repeating: 0x20, count: room + 1)) == .malformedClientData)
    }

    @Test(.spec("WebAuthn §6.1"))
    func refusesAuthenticatorDataThatIsNotWhole() throws {
        let authenticator = try SoftAuthenticator()
        let client = authenticator.clientData(type: "webauthn.create", Self.challenge)
        func result(_ data: [UInt8]) -> WebAuthnError? {
            let object = SoftAuthenticator.attestationObject("none", [:], data)
            let answer = RegistrationAnswer(clientDataJSON: client, attestationObject: object, transports: [])
            return refusal {
                try Self.relyingParty.register(answer, challenge: Self.challenge, verification: .required)
            }
        }
        let credential = try authenticator.attestedCredential()
        let whole = authenticator.authenticatorData(credential: credential)
        #expect(result(whole) == nil)
        #expect(result(whole + [0]) == .malformedAuthenticatorData)
        #expect(result(authenticator.authenticatorData(credential: [])) == .missingCredentialData)
        for count in 0..<whole.count { #expect(result(Array(whole.prefix(count))) != nil, "the first \(count) bytes") }
        // A key in another spelling is another key to whoever compares bytes.
        #expect(result(whole.dropLast(77) + [0xB8, 0x05] + whole.suffix(76)) == .malformedPublicKey)
    }

    @Test(.spec("WebAuthn §6.5.4"))
    func refusesAnotherAttestationObject() throws {
        let authenticator = try SoftAuthenticator()
        let client = authenticator.clientData(type: "webauthn.create", Self.challenge)
        let data = authenticator.authenticatorData(credential: try authenticator.attestedCredential())
        func result(_ object: [UInt8]) -> WebAuthnError? {
            let answer = RegistrationAnswer(clientDataJSON: client, attestationObject: object, transports: [])
            return refusal {
                try Self.relyingParty.register(answer, challenge: Self.challenge, verification: .required)
            }
        }
        let sound = SoftAuthenticator.attestationObject("none", [:], data)
        #expect(result(sound) == nil)
        #expect(result(sound + [0]) == .malformedAttestationObject)
        #expect(result(sound.dropLast()) == .malformedAttestationObject)
        #expect(result([0xA0]) == .malformedAttestationObject)
        // A fourth member, under a key that sorts last.
        let epAtt: [UInt8] = [0x69] + Array("extensive".utf8) + [0xF5]
        #expect(result([0xA4] + sound.dropFirst() + epAtt) == .malformedAttestationObject)
        #expect(
            result(SoftAuthenticator.attestationObject("none", ["a": .null], data)) == .malformedAttestationStatement)
        for format in ["None", "", "fido-u2f", "tpm", "apple", "android-key", "android-safetynet", "compound"] {
            #expect(
                result(SoftAuthenticator.attestationObject(format, [:], data)) == .unsupportedAttestationFormat)
        }
    }
}
