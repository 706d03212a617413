/// Why a registration or an assertion is refused: one case for each step that can fail, WebAuthn §7.1 and §7.2.
///
/// Carries nothing of the input, so that it may be logged.
public enum WebAuthnError: Error, Sendable, Equatable, CaseIterable {
    /// Not the JSON of a public key credential (§5.1), or a part of it is too long.
    case malformedAnswer
    /// The challenge that was to be answered has fewer than 16 bytes (§13.4.3).
    case shortChallenge
    /// The client data is no JSON object with the members of §5.8.1 (§7.1 steps 5 and 6, §7.2 steps 8 and 9).
    case malformedClientData
    /// `type` tells of the other ceremony (§7.1 step 7, §7.2 step 10).
    case wrongType
    /// `challenge` is another one (§7.1 step 8, §7.2 step 11).
    case wrongChallenge
    /// `origin` is not one of the relying party's (§7.1 step 9, §7.2 step 12).
    case wrongOrigin
    /// `crossOrigin` is set: the page was framed by a foreign one (§7.1 step 10, §7.2 step 13).
    case crossOrigin
    /// `topOrigin` is there: the page was framed by a foreign one (§7.1 step 11, §7.2 step 14).
    case topOrigin
    /// The attestation object is no canonical CBOR with the three members of §6.5.4 (§7.1 step 13).
    case malformedAttestationObject
    /// The authenticator data is not as §6.1 has it, or has bytes left over.
    case malformedAuthenticatorData
    /// The authenticator data is for another relying party (§7.1 step 14, §7.2 step 15).
    case wrongRelyingParty
    /// Nobody touched the authenticator (§7.1 step 15, §7.2 step 16).
    case userNotPresent
    /// User verification was required and has not taken place (§7.1 step 16, §7.2 step 17).
    case userNotVerified
    /// Backed up, yet not eligible for it (§7.1 step 17, §7.2 step 18).
    case inconsistentBackupFlags
    /// Eligible for backup, while it was not at registration, or the reverse (§7.2 step 19).
    case changedBackupEligibility
    /// A registration without a credential (§6.1: `AT` is set).
    case missingCredentialData
    /// An assertion with a credential (§6.1: `AT` is not set).
    case unexpectedCredentialData
    /// The public key is no canonical COSE_Key with just the members that its algorithm has (§6.5.1), or no valid one.
    case malformedPublicKey
    /// The public key is too short to be safe.
    case weakPublicKey
    /// The algorithm is none that was offered (§7.1 step 20).
    case unsupportedAlgorithm
    /// The attestation has another format than `none` and `packed` (§7.1 step 21).
    case unsupportedAttestationFormat
    /// The attestation statement lacks what its format has, or has more (§8.2, §8.7).
    case malformedAttestationStatement
    /// The algorithm of a self attestation is not that of the key (§8.2).
    case wrongAttestationAlgorithm
    /// The attestation certificate is not as §8.2.1 wants it.
    case invalidAttestationCertificate
    /// The attestation certificate is for another model of authenticator (§8.2).
    case wrongAuthenticatorModel
    /// The attestation signature does not belong to key and content (§7.1 step 22).
    case invalidAttestationSignature
    /// The credential ID is empty or longer than 1023 bytes (§7.1 step 25).
    case credentialIDLength
    /// The answer names another credential than it brings or is held against (§7.2 steps 5 and 6).
    case wrongCredential
    /// The user handle is another one (§7.2 step 6).
    case wrongUserHandle
    /// The signature does not belong to key and content (§7.2 step 21).
    case invalidSignature
    /// The signature counter has not grown: there may be two of the authenticator (§7.2 step 22).
    case clonedAuthenticator
    /// The cryptographic library refused work that it should do.
    case libraryFailure
}
