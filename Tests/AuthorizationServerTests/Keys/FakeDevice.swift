import AuthorizationServer
import JOSE
import Synchronization

/// A device with keys that it makes, which fails when it is told to.
final class FakeDevice: DeviceSigning {
    private struct State {
        var keys: [KeyURI: SigningKey] = [:]
        var failure: KeyDeviceError?
        var signatures = 0
    }

    private let state = Mutex(State())

    /// A key that the device has from now on.
    func make(_ name: String, _ algorithm: SignatureAlgorithm = .es256) throws -> StoredSigningKey {
        let key = try SigningKey.generate(algorithm)
        let uri = try KeyURI("pkcs11:token=fake;object=\(name)")
        state.withLock { $0.keys[uri] = key }
        return .inDevice(try DeviceKey(uri, publicKey: key.publicKey))
    }

    /// From now on it fails so, or not at all.
    func fail(_ error: KeyDeviceError?) { state.withLock { $0.failure = error } }

    var signatures: Int { state.withLock { $0.signatures } }

    func sign(_ message: [UInt8], with key: DeviceKey) async throws -> [UInt8] {
        let signer = try state.withLock { state in
            if let failure = state.failure { throw failure }
            guard let signer = state.keys[key.uri] else { throw KeyDeviceError.noKey }
            state.signatures += 1
            return signer
        }
        return try signer.sign(message.span)
    }

    func prepare(_ key: DeviceKey) async throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }
}
