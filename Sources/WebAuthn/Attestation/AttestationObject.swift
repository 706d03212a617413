/// What an authenticator says about a new credential: WebAuthn §6.5.4.
struct AttestationObject: Sendable {
    let format: String
    let statement: CBORMap
    let authenticatorData: [UInt8]

    /// Throws `malformedAttestationObject` for anything but the canonical map of three members.
    init(_ bytes: [UInt8]) throws(WebAuthnError) {
        guard let map = try? CBORReader.read(bytes).map, map.entries.count == 3,
            let format = map["fmt"]?.text, let statement = map["attStmt"]?.map,
            let authenticatorData = map["authData"]?.bytes
        else { throw .malformedAttestationObject }
        self.format = format
        self.statement = statement
        self.authenticatorData = authenticatorData
    }

    /// Holds the statement against what it is about: §7.1 steps 21 and 22.
    ///
    /// `none` and `packed` are what a browser may hand on when `none` was asked for (§5.1.3 step 23): it strips every
    /// other format. So another one was made by something that does not keep to that, and is refused: what is not
    /// verified is not taken for a lesser proof.
    func verify(credential: AttestedCredential, clientDataHash: [UInt8]) throws(WebAuthnError) {
        switch format {
        case "none":
            // §8.7: an empty map.
            guard statement.entries.isEmpty else { throw .malformedAttestationStatement }
        case "packed":
            try PackedAttestation(statement).verify(
                over: authenticatorData + clientDataHash, of: credential)
        default: throw .unsupportedAttestationFormat
        }
    }
}
