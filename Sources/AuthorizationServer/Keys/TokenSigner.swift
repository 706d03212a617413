import JOSE
import JSON

/// Signs one type of tokens with one key, wherever that is.
enum TokenSigner: Sendable {
    case inProcess(JWTSigner)
    case inDevice(JWTDraft, DeviceKey, any DeviceSigning)

    init(_ key: StoredSigningKey, type: JWSType, devices: any DeviceSigning) {
        switch key {
        case .inProcess(let key): self = .inProcess(JWTSigner(key: key, type: type))
        case .inDevice(let key):
            self = .inDevice(JWTDraft(algorithm: key.algorithm, keyID: key.keyID, type: type), key, devices)
        }
    }

    /// The token of these claims; does not wait for a key of this process.
    func sign(_ claims: some JSONEncodable) async throws -> String {
        switch self {
        case .inProcess(let signer): return try signer.sign(claims)
        case .inDevice(let draft, let key, let devices):
            let input = draft.signingInput(claims)
            let signature = try await devices.sign(input, with: key)
            return JWTDraft.token(input, signature.span)
        }
    }

    /// Throws where a device would hardly sign now.
    func prepare() async throws {
        if case .inDevice(_, let key, let devices) = self { try await devices.prepare(key) }
    }

    var isInDevice: Bool { if case .inDevice = self { true } else { false } }
}
