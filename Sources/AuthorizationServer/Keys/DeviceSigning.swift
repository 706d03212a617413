public import JOSE

/// Signs with keys that stay in a device, without keeping an event loop waiting.
public protocol DeviceSigning: Sendable {
    /// The signature of a message, in the form that JWS uses; throws `KeyDeviceError`.
    func sign(_ message: [UInt8], with key: DeviceKey) async throws -> [UInt8]

    /// Throws `KeyDeviceError` where the key would hardly sign now; to be asked before something is spent that comes once.
    ///
    /// Costs nothing while the device answers.
    func prepare(_ key: DeviceKey) async throws
}

/// Where no device is configured.
struct NoDevices: DeviceSigning {
    func sign(_ message: [UInt8], with key: DeviceKey) async throws -> [UInt8] { throw KeyDeviceError.noProvider }

    func prepare(_ key: DeviceKey) async throws { throw KeyDeviceError.noProvider }
}
