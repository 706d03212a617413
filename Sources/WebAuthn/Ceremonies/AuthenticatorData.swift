internal import JOSE

/// What the authenticator vouches for: WebAuthn §6.1.
struct AuthenticatorData: Sendable {
    /// The bits of the flags; bits 1 and 5 are reserved and may be anything.
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8

        static let userPresent = Flags(rawValue: 1 << 0)
        static let userVerified = Flags(rawValue: 1 << 2)
        static let backupEligible = Flags(rawValue: 1 << 3)
        static let backedUp = Flags(rawValue: 1 << 4)
        static let attestedCredential = Flags(rawValue: 1 << 6)
        static let extensions = Flags(rawValue: 1 << 7)
    }

    let relyingPartyHash: SHA256Digest
    let flags: Flags
    let signCount: UInt32
    let credential: AttestedCredential?

    /// Before credential and extensions.
    private static let headCount = SHA256Digest.count + 1 + 4

    /// Throws `malformedAuthenticatorData` for bytes that are missing or left over, and what its credential throws.
    ///
    /// Outputs of extensions must be one canonical map (§6.1); what they say is not used (§7.1 step 28, §7.2 step 23).
    init(_ bytes: [UInt8]) throws(WebAuthnError) {
        guard (Self.headCount...CBORReader.longest).contains(bytes.count),
            let hash = SHA256Digest(bytes.span.extracting(..<SHA256Digest.count))
        else { throw .malformedAuthenticatorData }
        relyingPartyHash = hash
        flags = Flags(rawValue: bytes[SHA256Digest.count])
        signCount = bytes[Self.headCount - 4..<Self.headCount].reduce(0) { $0 << 8 | UInt32($1) }
        var position = Self.headCount
        credential =
            flags.contains(.attestedCredential) ? try AttestedCredential(bytes, at: &position) : nil
        if flags.contains(.extensions) {
            var reader = CBORReader(at: position)
            guard case .map(let outputs)? = try? reader.readItem(bytes.span),
                outputs.entries.allSatisfy({ $0.key.text != nil })
            else { throw .malformedAuthenticatorData }
            position = reader.position
        }
        guard position == bytes.count else { throw .malformedAuthenticatorData }
    }

    /// §7.1 steps 14 to 17, §7.2 steps 15 to 18.
    func check(
        _ relyingParty: WebAuthnRelyingParty, verification: UserVerification
    ) throws(WebAuthnError) {
        guard relyingPartyHash == SHA256.digest(of: relyingParty.id) else { throw .wrongRelyingParty }
        guard flags.contains(.userPresent) else { throw .userNotPresent }
        guard verification == .preferred || flags.contains(.userVerified) else { throw .userNotVerified }
        guard !flags.contains(.backedUp) || flags.contains(.backupEligible) else { throw .inconsistentBackupFlags }
    }
}

/// The credential within authenticator data: WebAuthn §6.5.2.
struct AttestedCredential: Sendable {
    let aaguid: [UInt8]
    let id: [UInt8]
    let key: COSEKey
    /// The bytes of the key, which have no other spelling.
    let encodedKey: [UInt8]

    /// The lengths that an ID may have, in bytes: §7.1 step 25.
    static let idCounts = 1...1023
    private static let aaguidCount = 16

    init(_ bytes: [UInt8], at position: inout Int) throws(WebAuthnError) {
        let idStart = position + Self.aaguidCount + 2
        guard idStart <= bytes.count else { throw .malformedAuthenticatorData }
        aaguid = [UInt8](bytes[position..<position + Self.aaguidCount])
        let count = Int(bytes[idStart - 2]) << 8 | Int(bytes[idStart - 1])
        guard count <= bytes.count - idStart else { throw .malformedAuthenticatorData }
        guard Self.idCounts.contains(count) else { throw .credentialIDLength }
        id = [UInt8](bytes[idStart..<idStart + count])
        var reader = CBORReader(at: idStart + count)
        guard case .map(let map)? = try? reader.readItem(bytes.span) else { throw .malformedPublicKey }
        encodedKey = [UInt8](bytes[idStart + count..<reader.position])
        key = try COSEKey(map)
        position = reader.position
    }
}
