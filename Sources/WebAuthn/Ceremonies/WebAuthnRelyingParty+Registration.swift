extension WebAuthnRelyingParty {
    /// Holds the answer to a registration against what was asked: WebAuthn §7.1 from step 5, in its order.
    ///
    /// The caller sees to two things: that the challenge was made for this person and is answered once, and that no
    /// account has the credential yet (step 26). Attestations are verified where they come, but no maker of
    /// authenticators is trusted: see `PackedAttestation`.
    public func register(
        _ answer: RegistrationAnswer, challenge: WebAuthnChallenge, verification: UserVerification
    ) throws(WebAuthnError) -> WebAuthnCredential {
        let client = try ClientData(answer.clientDataJSON)  // steps 5, 6, 12
        try client.check(.create, challenge, for: self)  // steps 7 to 11
        let attestation = try AttestationObject(answer.attestationObject)  // step 13
        let data = try AuthenticatorData(attestation.authenticatorData)
        try data.check(self, verification: verification)  // steps 14 to 17
        // Steps 20 and 25: there is no key of another algorithm, and no ID of another length.
        guard let credential = data.credential else { throw .missingCredentialData }
        if let id = answer.credentialID, id != credential.id { throw .wrongCredential }
        try attestation.verify(credential: credential, clientDataHash: client.hash)  // steps 21, 22, 24
        return WebAuthnCredential(  // step 27
            id: credential.id,
            publicKey: credential.encodedKey,
            signCount: data.signCount,
            isBackupEligible: data.flags.contains(.backupEligible),
            isBackedUp: data.flags.contains(.backedUp),
            isUserVerified: data.flags.contains(.userVerified),
            aaguid: credential.aaguid,
            transports: AuthenticatorTransport.known(among: answer.transports)
        )
    }
}
