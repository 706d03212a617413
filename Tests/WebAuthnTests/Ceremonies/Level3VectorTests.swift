import MartletTesting
import Testing

@testable import WebAuthn

/// The examples of the specification itself: made by another implementation, for `example.org`.
@Suite("WebAuthn Level 3 §16: test vectors")
struct Level3VectorTests {
    static let relyingParty = WebAuthnRelyingParty(
        id: "example.org", name: "Example", origins: ["https://example.org"])

    private func register(_ example: Vectors.Example) throws(WebAuthnError) -> WebAuthnCredential {
        try Self.relyingParty.register(
            RegistrationAnswer(
                clientDataJSON: example.octets("registration", "clientDataJSON"),
                attestationObject: example.octets("registration", "attestationObject"), transports: []),
            challenge: WebAuthnChallenge(bytes: example.octets("registration", "challenge")),
            verification: .preferred)
    }

    private func verify(
        _ example: Vectors.Example, _ credential: WebAuthnCredential
    ) throws(WebAuthnError) -> WebAuthnAssertion {
        try Self.relyingParty.verify(
            AssertionAnswer(
                credentialID: example.credentialID,
                clientDataJSON: example.octets("assertion", "clientDataJSON"),
                authenticatorData: example.octets("assertion", "authenticatorData"),
                signature: example.octets("assertion", "signature"), userHandle: nil),
            challenge: WebAuthnChallenge(bytes: example.octets("assertion", "challenge")),
            verification: .preferred, credential: credential, userHandle: [1])
    }

    @Test(arguments: [
        "none-es256", "packed-self-es256", "none-es256-long-credential-id", "packed-es256", "packed-rs256",
        "packed-eddsa",
    ])
    func registersAndVerifies(_ name: String) throws {
        let example = try Vectors.level3(name)
        let credential = try register(example)
        #expect(credential.id == example.credentialID)
        let assertion = try verify(example, credential)
        #expect(assertion.credential.id == credential.id)
    }

    @Test(arguments: [
        ("none-es256-crossOrigin", WebAuthnError.crossOrigin), ("none-es256-topOrigin", .crossOrigin),
        ("packed-es384", .unsupportedAlgorithm), ("packed-es512", .unsupportedAlgorithm),
        ("packed-ed448", .unsupportedAlgorithm), ("tpm-es256", .unsupportedAttestationFormat),
        ("android-key-es256", .unsupportedAttestationFormat), ("apple-es256", .unsupportedAttestationFormat),
        ("fido-u2f-es256", .unsupportedAttestationFormat),
    ])
    func refusesWhatIsNotOffered(_ name: String, _ error: WebAuthnError) throws {
        let example = try Vectors.level3(name)
        #expect(throws: error) { try register(example) }
    }

    @Test func everyExampleIsInUse() {
        #expect(Vectors.level3.count == 15)
    }
}
