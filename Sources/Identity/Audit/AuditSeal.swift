public import JOSE
import JSON
public import OAuthTypes
public import Stores

/// What a checkpoint says: that the chain had come to a digest at a moment.
public struct AuditSeal: Sendable {
    /// Whose chain.
    public let issuer: String
    /// The place of the last event that it covers.
    public let sequence: Int64
    /// The digest there.
    public let digest: TokenDigest
    /// When it was signed, in whole seconds.
    public let at: Timestamp
    /// The key that signed it, as the checkpoint brings it along: whether it is to be trusted is another question.
    public let key: PublicKey

    /// `typ` of a checkpoint.
    static let type: JWSType = "audit-checkpoint+jwt"

    /// The bytes of a checkpoint's key.
    private static let limit = JSONLimits(bytes: 16 * 1024, depth: 4)

    init(issuer: String, sequence: Int64, digest: TokenDigest, at: Timestamp, key: PublicKey) {
        self.issuer = issuer
        self.sequence = sequence
        self.digest = digest
        self.at = at
        self.key = key
    }

    /// Reads a checkpoint and verifies its signature with its own key.
    ///
    /// Throws `JOSEError` where anything does not fit.
    public init(checkpoint: AuditCheckpoint) throws {
        guard let jwk = try? JSONObject(parsing: Array(checkpoint.key.utf8), limits: AuditSeal.limit) else {
            throw JOSEError.invalidKey
        }
        let key = try PublicKey(jwk: jwk)
        let verified = try CompactJWS(parsing: checkpoint.token)
            .verified(with: JWKSet([key]), expecting: .exactly(AuditSeal.type))
        guard let claims = try? JSONObject(parsing: verified.payload), let issuer = claims["iss"]?.string,
            let sequence = claims["sequence"]?.integer, sequence == checkpoint.sequence,
            let at = claims["iat"]?.integer,
            let digest = claims["digest"]?.string.flatMap({ Base64URL.decode($0) }).flatMap({ TokenDigest(bytes: $0) })
        else { throw JOSEError.malformedClaims }
        self.init(issuer: issuer, sequence: sequence, digest: digest, at: Timestamp(seconds: at), key: key)
    }

    /// The signed form.
    ///
    /// Throws what the device throws where the key is in one.
    func checkpoint(
        signedBy key: StoredSigningKey, device: AuditLinker.DeviceSignature
    ) async throws -> AuditCheckpoint {
        var claims = JSONObject()
        claims["iss"] = .string(issuer)
        claims["iat"] = .integer(at.seconds)
        claims["sequence"] = .integer(sequence)
        claims["digest"] = .string(Base64URL.encode(digest.bytes))
        let token: String
        switch key {
        case .inProcess(let key): token = try JWTSigner(key: key, type: AuditSeal.type).sign(claims)
        case .inDevice(let key):
            let draft = JWTDraft(algorithm: key.algorithm, keyID: key.keyID, type: AuditSeal.type)
            let input = draft.signingInput(claims)
            let signature = try await device(input, key)
            token = JWTDraft.token(input, signature.span)
        }
        let jwk = String(decoding: key.publicKey.jsonBytes(capacity: 256), as: UTF8.self)
        return AuditCheckpoint(sequence: sequence, token: token, key: jwk)
    }
}
