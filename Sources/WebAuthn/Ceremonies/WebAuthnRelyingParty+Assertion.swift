/// A passkey that was just used.
public struct WebAuthnAssertion: Sendable, Equatable {
    /// The credential with its new counter and backup state, to be kept once all else is well (WebAuthn §7.2 step 24).
    public let credential: WebAuthnCredential
    /// Whether user verification took place and counts as a factor.
    ///
    /// It does not for a credential that was registered without it: whoever holds the device may have chosen the PIN
    /// (WebAuthn §4, `uvInitialized`).
    public let isUserVerified: Bool
}

extension WebAuthnRelyingParty {
    /// Holds an assertion against what was asked and the credential: WebAuthn §7.2 from step 5, in its order.
    ///
    /// The caller sees to it that the challenge was made for this sign-in and is answered once, and that the account
    /// with this `userHandle` has the credential.
    public func verify(
        _ answer: AssertionAnswer, challenge: WebAuthnChallenge, verification: UserVerification,
        credential: WebAuthnCredential, userHandle: [UInt8]
    ) throws(WebAuthnError) -> WebAuthnAssertion {
        guard answer.credentialID == credential.id else { throw .wrongCredential }  // step 5
        if let named = answer.userHandle, named != userHandle { throw .wrongUserHandle }  // step 6
        let client = try ClientData(answer.clientDataJSON)  // steps 8, 9, 20
        try client.check(.get, challenge, for: self)  // steps 10 to 14
        let data = try AuthenticatorData(answer.authenticatorData)
        guard data.credential == nil else { throw .unexpectedCredentialData }
        try data.check(self, verification: verification)  // steps 15 to 18
        guard data.flags.contains(.backupEligible) == credential.isBackupEligible else {
            throw .changedBackupEligibility  // step 19
        }
        let key = try COSEKey(decoding: credential.publicKey)
        guard try key.isValid(answer.signature, over: answer.authenticatorData + client.hash) else {
            throw .invalidSignature  // step 21
        }
        // Step 22: zero and zero is an authenticator that does not count.
        guard data.signCount > credential.signCount || (data.signCount == 0 && credential.signCount == 0) else {
            throw .clonedAuthenticator
        }
        var updated = credential  // step 24
        updated.signCount = data.signCount
        updated.isBackedUp = data.flags.contains(.backedUp)
        return WebAuthnAssertion(
            credential: updated,
            isUserVerified: credential.isUserVerified && data.flags.contains(.userVerified)
        )
    }
}
