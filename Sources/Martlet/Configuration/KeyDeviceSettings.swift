import JOSE

/// How devices that keep signing keys are reached.
struct KeyDeviceSettings: Sendable {
    /// Drives PKCS #11 tokens; nil for all that p11-kit knows.
    let module: String?
    /// Nil where no device asks for one.
    let pin: Secret?

    init(_ reader: inout SettingsReader) {
        module = reader.text(.pkcs11Module)
        if let module, module.contains("/"), !SmallFile.exists(module) {
            reader.report(
                .pkcs11Module, "names \(Console.visible(module)), which is not there",
                "Write the path of the token's library, such as /usr/lib/softhsm/libsofthsm2.so.")
        }
        pin = SecretFile.read(.keyDevicePINFile, &reader)
    }

    /// What asks the devices.
    func devices() -> KeyDevices { KeyDevices(module: module, pin: pin) }
}
