import JOSE
import JSON
import MartletTesting
import Testing
import WebAuthn

@Suite("WebAuthn §5.4 and §5.5: what a page is given")
struct OptionsTests {
    static let relyingParty = RegistrationTests.relyingParty
    static let challenge = WebAuthnChallenge(bytes: [UInt8](0..<32))

    @Test(.spec("WebAuthn §5.1.8", "Y-01"))
    func asksForACredential() throws {
        let user = try #require(WebAuthnUser(handle: [1, 2, 3], name: "zoë@example.org", displayName: "Zoë"))
        let options = CreationOptions(
            relyingParty: Self.relyingParty, user: user, challenge: Self.challenge, verification: .preferred,
            residentKey: .preferred,
            excluding: [CredentialDescriptor(id: [9], transports: ["usb"]), CredentialDescriptor(id: [8])],
            timeout: 60_000, hints: [.clientDevice, .securityKey])
        #expect(
            String(decoding: options.jsonBytes(), as: UTF8.self) == """
                {"rp":{"id":"login.example","name":"Login"},\
                "user":{"id":"AQID","name":"zoë@example.org","displayName":"Zoë"},\
                "challenge":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",\
                "pubKeyCredParams":[{"type":"public-key","alg":-7},{"type":"public-key","alg":-8},\
                {"type":"public-key","alg":-257}],"timeout":60000,\
                "excludeCredentials":[{"type":"public-key","id":"CQ","transports":["usb"]},\
                {"type":"public-key","id":"CA"}],\
                "authenticatorSelection":{"residentKey":"preferred","requireResidentKey":false,\
                "userVerification":"preferred"},"hints":["client-device","security-key"],"attestation":"none",\
                "extensions":{"credProps":true}}
                """)
        let strict = CreationOptions(relyingParty: Self.relyingParty, user: user, challenge: Self.challenge)
        let json = try JSONValue(parsing: strict.jsonBytes())
        #expect(json["authenticatorSelection"]?["residentKey"] == "required")
        #expect(json["authenticatorSelection"]?["requireResidentKey"] == true)
        #expect(json["authenticatorSelection"]?["userVerification"] == "required")
        #expect(json["excludeCredentials"] == [])
    }

    @Test(.spec("WebAuthn §5.1.9", "Y-12"))
    func asksForAnAssertion() throws {
        let open = RequestOptions(relyingParty: Self.relyingParty, challenge: Self.challenge)
        #expect(
            String(decoding: open.jsonBytes(), as: UTF8.self) == """
                {"challenge":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","timeout":300000,\
                "rpId":"login.example","allowCredentials":[],"userVerification":"required","hints":[]}
                """)
        let named = RequestOptions(
            relyingParty: Self.relyingParty, challenge: Self.challenge, verification: .preferred,
            allowing: [CredentialDescriptor(id: [9], transports: ["internal", "hybrid"])], timeout: 1, hints: [.hybrid])
        let json = try JSONValue(parsing: named.jsonBytes())
        #expect(json["allowCredentials"]?[0]?["id"] == "CQ")
        #expect(json["allowCredentials"]?[0]?["transports"] == ["internal", "hybrid"])
        #expect(json["userVerification"] == "preferred")
        #expect(json["hints"] == ["hybrid"])
    }

    @Test(.spec("WebAuthn §5.11"))
    func namesRelatedOrigins() {
        let document = RelatedOrigins(["https://a.example", "https://b.example:8443"])
        #expect(
            String(decoding: document.jsonBytes(), as: UTF8.self)
                == #"{"origins":["https://a.example","https://b.example:8443"]}"#)
    }

    @Test(.spec("WebAuthn §5.4.3"), arguments: [0, 1, 64, 65])
    func aHandleHasOneTo64Bytes(_ count: Int) {
        let user = WebAuthnUser(handle: [UInt8](repeating: 1, count: count), name: "a", displayName: "")
        #expect((user != nil) == (1...64).contains(count))
    }

    @Test(.spec("WebAuthn §13.4.3", "Y-01"))
    func challengesAreFreshAndLong() {
        let random = SeededRandom()
        let first = WebAuthnChallenge(from: random)
        #expect(first.bytes.count == 32)
        #expect(first != WebAuthnChallenge(from: random))
        #expect(Base64URL.decode(first.text) == first.bytes)
    }

    /// From the options to the answer and back, as a page would carry them.
    @Test(arguments: WebAuthnAlgorithm.allCases)
    func whatIsAskedIsAnswered(_ algorithm: WebAuthnAlgorithm) throws {
        var authenticator = try SoftAuthenticator(algorithm)
        let user = try #require(WebAuthnUser(handle: [5, 6], name: "a@example.org", displayName: ""))
        let creation = CreationOptions(relyingParty: Self.relyingParty, user: user, challenge: Self.challenge)
        let made = try authenticator.answer(creation: String(decoding: creation.jsonBytes(), as: UTF8.self))
        let credential = try Self.relyingParty.register(
            RegistrationAnswer(json: made), challenge: Self.challenge, verification: .required)

        let again = CreationOptions(
            relyingParty: Self.relyingParty, user: user, challenge: Self.challenge,
            excluding: [CredentialDescriptor(credential)])
        #expect(throws: SoftAuthenticator.Unanswerable.self) {
            try authenticator.answer(creation: String(decoding: again.jsonBytes(), as: UTF8.self))
        }

        let fresh = WebAuthnChallenge(from: SeededRandom(seed: 3))
        let request = RequestOptions(
            relyingParty: Self.relyingParty, challenge: fresh, allowing: [CredentialDescriptor(credential)])
        let signed = try AssertionAnswer(
            json: authenticator.answer(request: String(decoding: request.jsonBytes(), as: UTF8.self)))
        #expect(signed.userHandle == [5, 6])
        let assertion = try Self.relyingParty.verify(
            signed, challenge: fresh, verification: .required, credential: credential, userHandle: [5, 6])
        #expect(assertion.isUserVerified)
    }
}
