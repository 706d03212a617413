import MartletTesting
import Testing

@testable import WebAuthn

/// Every bit of a sound answer, turned.
@Suite("WebAuthn: answers with one bit changed")
struct MutationTests {
    static let relyingParty = RegistrationTests.relyingParty
    static let challenge = RegistrationTests.challenge

    private func everyTurn(of bytes: [UInt8], _ body: ([UInt8], _ place: Int, _ bit: UInt8) throws -> Void) rethrows {
        var turned = bytes
        for place in bytes.indices {
            for bit in 0..<8 as Range<UInt8> {
                turned[place] ^= 1 << bit
                try body(turned, place, bit)
                turned[place] ^= 1 << bit
            }
        }
    }

    private func register(_ client: [UInt8], _ object: [UInt8]) throws(WebAuthnError) -> WebAuthnCredential {
        try Self.relyingParty.register(
            RegistrationAnswer(clientDataJSON: client, attestationObject: object, transports: []),
            challenge: Self.challenge, verification: .required)
    }

    @Test(arguments: [WebAuthnAlgorithm.es256, .edDSA])
    func noneOfAnAttestedRegistrationIsTaken(_ algorithm: WebAuthnAlgorithm) throws {
        var authenticator = try SoftAuthenticator(algorithm)
        authenticator.attestation = .packedSelf
        let answer = try authenticator.registration(Self.challenge)
        #expect(throws: Never.self) { try register(answer.clientDataJSON, answer.attestationObject) }
        everyTurn(of: answer.attestationObject) { turned, place, bit in
            #expect(
                refusal { try register(answer.clientDataJSON, turned) } != nil, "bit \(bit) of byte \(place)")
        }
        everyTurn(of: answer.clientDataJSON) { turned, place, bit in
            #expect(
                refusal { try register(turned, answer.attestationObject) } != nil, "bit \(bit) of byte \(place)")
        }
    }

    /// Without attestation nothing is signed.
    ///
    /// What is taken is another credential, never the same one in another spelling. Two bits of the flags are reserved and say nothing.
    @Test func noneOfARegistrationSaysTheSame() throws {
        let authenticator = try SoftAuthenticator()
        let answer = try authenticator.registration(Self.challenge)
        let sound = try register(answer.clientDataJSON, answer.attestationObject)
        let data = authenticator.authenticatorData(credential: try authenticator.attestedCredential())
        let flagsPlace = answer.attestationObject.count - data.count + 32
        var taken = 0
        everyTurn(of: answer.attestationObject) { turned, place, bit in
            if place == flagsPlace, bit == 1 || bit == 5 { return }
            guard let credential = try? register(answer.clientDataJSON, turned) else { return }
            taken += 1
            #expect(credential != sound, "bit \(bit) of byte \(place)")
        }
        // Model, counter, ID and one flag; of the coordinates hardly any is on the curve again.
        #expect(taken > 8 * (16 + 4 + 32))
    }

    @Test(arguments: WebAuthnAlgorithm.allCases)
    func noneOfAnAssertionIsTaken(_ algorithm: WebAuthnAlgorithm) throws {
        var authenticator = try SoftAuthenticator(algorithm)
        authenticator.userHandle = [1, 2, 3]
        let credential = try Self.relyingParty.register(
            authenticator.registration(Self.challenge), challenge: Self.challenge, verification: .required)
        let sound = try authenticator.assertion(Self.challenge)

        func result(
            id: [UInt8]? = nil, client: [UInt8]? = nil, data: [UInt8]? = nil, signature: [UInt8]? = nil,
            handle: [UInt8]? = nil
        ) -> WebAuthnError? {
            let answer = AssertionAnswer(
                credentialID: id ?? sound.credentialID, clientDataJSON: client ?? sound.clientDataJSON,
                authenticatorData: data ?? sound.authenticatorData, signature: signature ?? sound.signature,
                userHandle: handle ?? sound.userHandle)
            return refusal {
                try Self.relyingParty.verify(
                    answer, challenge: Self.challenge, verification: .required, credential: credential,
                    userHandle: [1, 2, 3])
            }
        }
        #expect(result() == nil)
        everyTurn(of: sound.credentialID) { turned, _, _ in #expect(result(id: turned) == .wrongCredential) }
        everyTurn(of: [1, 2, 3]) { turned, _, _ in #expect(result(handle: turned) == .wrongUserHandle) }
        everyTurn(of: sound.clientDataJSON) { turned, place, bit in
            #expect(result(client: turned) != nil, "client data, bit \(bit) of byte \(place)")
        }
        everyTurn(of: sound.authenticatorData) { turned, place, bit in
            #expect(result(data: turned) != nil, "authenticator data, bit \(bit) of byte \(place)")
        }
        everyTurn(of: sound.signature) { turned, _, _ in #expect(result(signature: turned) == .invalidSignature) }
    }
}
