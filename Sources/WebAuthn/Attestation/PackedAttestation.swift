internal import JOSE

/// The attestation statement `packed`: WebAuthn §8.2.
///
/// With certificates the signature and the rules of §8.2.1 are verified, but the chain is not judged: no list of roots
/// is kept. §7.1 step 24 allows such a credential to count as self-attested, and nothing here depends on the model.
struct PackedAttestation: Sendable {
    private let algorithm: WebAuthnAlgorithm
    private let signature: [UInt8]
    /// The attestation certificate and those above it; `nil` for self attestation.
    private let certificates: [[UInt8]]?

    /// The longest chain that is looked at.
    private static let longestChain = 10

    init(_ statement: CBORMap) throws(WebAuthnError) {
        guard let number = statement["alg"]?.integer, let signature = statement["sig"]?.bytes else {
            throw .malformedAttestationStatement
        }
        guard let algorithm = WebAuthnAlgorithm(rawValue: number) else { throw .unsupportedAlgorithm }
        self.algorithm = algorithm
        self.signature = signature
        guard let chain = statement["x5c"] else {
            guard statement.entries.count == 2 else { throw .malformedAttestationStatement }
            certificates = nil
            return
        }
        guard statement.entries.count == 3, let chain = chain.array, (1...Self.longestChain).contains(chain.count)
        else {
            throw .malformedAttestationStatement
        }
        let certificates = chain.compactMap(\.bytes)
        guard certificates.count == chain.count else { throw .malformedAttestationStatement }
        self.certificates = certificates
    }

    func verify(over message: [UInt8], of credential: AttestedCredential) throws(WebAuthnError) {
        guard let leaf = certificates?.first else {
            guard algorithm == credential.key.algorithm else { throw .wrongAttestationAlgorithm }
            guard try credential.key.isValid(signature, over: message) else { throw .invalidAttestationSignature }
            return
        }
        guard let certificate = AttestationCertificate(leaf) else { throw .invalidAttestationCertificate }
        let key = try certificate.publicKey(for: algorithm)
        guard try key.isValid(webAuthn: signature, over: message, algorithm) else {
            throw .invalidAttestationSignature
        }
        guard certificate.meetsRequirements else { throw .invalidAttestationCertificate }
        if let model = certificate.aaguid, !model.elementsEqual(credential.aaguid) { throw .wrongAuthenticatorModel }
    }
}
