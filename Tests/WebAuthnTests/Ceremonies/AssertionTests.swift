import MartletTesting
import Testing

@testable import WebAuthn

@Suite("WebAuthn §7.2: verifying an assertion")
struct AssertionTests {
    static let relyingParty = RegistrationTests.relyingParty
    static let challenge = RegistrationTests.challenge
    static let handle: [UInt8] = [1, 2, 3]

    private func credential(
        of authenticator: SoftAuthenticator, _ verification: UserVerification = .preferred
    ) throws -> WebAuthnCredential {
        try Self.relyingParty.register(
            authenticator.registration(Self.challenge), challenge: Self.challenge, verification: verification)
    }

    private func verify(
        _ answer: AssertionAnswer, _ credential: WebAuthnCredential, _ verification: UserVerification = .required,
        challenge: WebAuthnChallenge = challenge
    ) throws(WebAuthnError) -> WebAuthnAssertion {
        try Self.relyingParty.verify(
            answer, challenge: challenge, verification: verification, credential: credential, userHandle: Self.handle)
    }

    @Test(arguments: WebAuthnAlgorithm.allCases)
    func givesTheCredentialAsItIsNow(_ algorithm: WebAuthnAlgorithm) throws {
        var authenticator = try SoftAuthenticator(algorithm)
        authenticator.flags.insert(.backupEligible)
        authenticator.userHandle = Self.handle
        let before = try credential(of: authenticator)
        authenticator.flags.insert(.backedUp)
        let assertion = try verify(authenticator.assertion(Self.challenge), before)
        var after = before
        after.signCount = 1
        after.isBackedUp = true
        #expect(assertion.credential == after)
        #expect(assertion.isUserVerified)
        authenticator.flags.remove(.backedUp)
        #expect(try !verify(authenticator.assertion(Self.challenge), after).credential.isBackedUp)
    }

    @Test(.spec("WebAuthn §7.2", "Y-03", "Y-04", "Y-05"), arguments: RegistrationTests.commonFaults)
    func refusesWhatWasNotAskedFor(_ fault: RegistrationTests.Fault) throws {
        var sound = try SoftAuthenticator()
        let credential = try credential(of: sound)
        var broken = sound
        fault.change(&broken)
        let refused = try broken.assertion(Self.challenge)
        #expect(refusal { try verify(refused, credential) } == fault.error)
        let taken = try sound.assertion(Self.challenge)
        #expect(throws: Never.self) { try verify(taken, credential) }
    }

    @Test(.spec("WebAuthn §7.2 step 19", "Y-05"))
    func refusesAnotherEligibilityForBackup() throws {
        var single = try SoftAuthenticator()
        var synced = single
        synced.flags.insert(.backupEligible)
        let (ofSingle, ofSynced) = (try credential(of: single), try credential(of: synced))
        let (bySingle, bySynced) = (try single.assertion(Self.challenge), try synced.assertion(Self.challenge))
        #expect(refusal { try verify(bySynced, ofSingle) } == .changedBackupEligibility)
        #expect(refusal { try verify(bySingle, ofSynced) } == .changedBackupEligibility)
        #expect(refusal { try verify(bySingle, ofSingle) } == nil)
        #expect(refusal { try verify(bySynced, ofSynced) } == nil)
    }

    /// Who registered without a PIN did not prove that the PIN is theirs (§4, uvInitialized).
    @Test(.spec("WebAuthn §4"))
    func verificationCountsOnlyIfItTookPlaceAtRegistration() throws {
        var authenticator = try SoftAuthenticator()
        let verified = try credential(of: authenticator)
        authenticator.flags.remove(.userVerified)
        let unverified = try credential(of: authenticator)
        let without = try authenticator.assertion(Self.challenge)
        #expect(refusal { try verify(without, verified, .required) } == .userNotVerified)
        #expect(try !verify(without, verified, .preferred).isUserVerified)
        #expect(try verify(without, verified, .preferred).credential.isUserVerified)
        authenticator.flags.insert(.userVerified)
        let with = try authenticator.assertion(Self.challenge)
        #expect(try verify(with, verified).isUserVerified)
        let late = try verify(with, unverified)
        #expect(!late.isUserVerified && !late.credential.isUserVerified)
    }

    @Test(
        .spec("WebAuthn §6.1.1", "WebAuthn §7.2 step 22", "Y-10"),
        arguments: [
            (stored: UInt32(0), sent: UInt32(0), isTaken: true), (0, 1, true), (1, 2, true), (5, 0xFFFF_FFFF, true),
            (1, 1, false), (2, 1, false), (1, 0, false), (0xFFFF_FFFF, 0, false),
        ])
    func refusesACounterThatDoesNotGrow(stored: UInt32, sent: UInt32, isTaken: Bool) throws {
        var authenticator = try SoftAuthenticator()
        var credential = try credential(of: authenticator)
        credential.signCount = stored
        authenticator.isCounting = false
        authenticator.signCount = sent
        let answer = try authenticator.assertion(Self.challenge)
        #expect(refusal { try verify(answer, credential) } == (isTaken ? nil : .clonedAuthenticator))
        if isTaken { #expect(try verify(answer, credential).credential.signCount == sent) }
    }

    @Test(.spec("WebAuthn §7.2 steps 5 and 6", "Y-09"))
    func refusesAnotherCredentialOrAccount() throws {
        var mine = try SoftAuthenticator()
        var other = try SoftAuthenticator()
        let credential = try credential(of: mine)
        let foreign = try other.assertion(Self.challenge)
        #expect(refusal { try verify(foreign, credential) } == .wrongCredential)
        other.credentialID = mine.credentialID
        let pretended = try other.assertion(Self.challenge)
        #expect(refusal { try verify(pretended, credential) } == .invalidSignature)
        mine.userHandle = [1, 2, 4]
        let ofAnother = try mine.assertion(Self.challenge)
        #expect(refusal { try verify(ofAnother, credential) } == .wrongUserHandle)
        for handle in [nil, [], Self.handle] {
            mine.userHandle = handle
            let answer = try mine.assertion(Self.challenge)
            #expect(answer.userHandle == (handle?.isEmpty == false ? handle : nil))
            #expect(refusal { try verify(answer, credential) } == nil)
        }
    }

    @Test(.spec("WebAuthn §13.4.3"))
    func refusesTheAnswerToAnotherChallengeOrCeremony() throws {
        var authenticator = try SoftAuthenticator()
        let credential = try credential(of: authenticator)
        let answer = try authenticator.assertion(Self.challenge)
        #expect(refusal { try verify(answer, credential) } == nil)
        let other = WebAuthnChallenge(bytes: SeededRandom(seed: 9).bytes(32))
        #expect(refusal { try verify(answer, credential, challenge: other) } == .wrongChallenge)
        let short = WebAuthnChallenge(bytes: [1])
        let toShort = try authenticator.assertion(short)
        #expect(refusal { try verify(toShort, credential, challenge: short) } == .shortChallenge)
        let client = authenticator.clientData(type: "webauthn.create", Self.challenge)
        let registering = AssertionAnswer(
            credentialID: answer.credentialID, clientDataJSON: client, authenticatorData: answer.authenticatorData,
            signature: answer.signature, userHandle: nil)
        #expect(refusal { try verify(registering, credential) } == .wrongType)
    }

    @Test(.spec("WebAuthn §6.1"))
    func refusesAuthenticatorDataOfAnotherShape() throws {
        var authenticator = try SoftAuthenticator()
        let credential = try credential(of: authenticator)
        let answer = try authenticator.assertion(Self.challenge)
        func result(_ data: [UInt8]) throws -> WebAuthnError? {
            let signature = try authenticator.sign(data + ClientData(answer.clientDataJSON).hash)
            let answer = AssertionAnswer(
                credentialID: answer.credentialID, clientDataJSON: answer.clientDataJSON, authenticatorData: data,
                signature: signature, userHandle: nil)
            return refusal { try verify(answer, credential) }
        }
        #expect(try result(answer.authenticatorData) == nil)
        #expect(try result(answer.authenticatorData + [0]) == .malformedAuthenticatorData)
        #expect(try result(answer.authenticatorData.dropLast()) == .malformedAuthenticatorData)
        #expect(try result([]) == .malformedAuthenticatorData)
        let withCredential = authenticator.authenticatorData(credential: try authenticator.attestedCredential())
        #expect(try result(withCredential) == .unexpectedCredentialData)
    }

    @Test func refusesAStoredKeyThatIsNone() throws {
        var authenticator = try SoftAuthenticator()
        let sound = try credential(of: authenticator)
        let answer = try authenticator.assertion(Self.challenge)
        let broken = WebAuthnCredential(
            id: sound.id, publicKey: [0xA0], signCount: 0, isBackupEligible: false, isBackedUp: false,
            isUserVerified: true, aaguid: sound.aaguid, transports: [])
        #expect(refusal { try verify(answer, broken) } == .malformedPublicKey)
        #expect(refusal { try verify(answer, sound) } == nil)
    }
}
