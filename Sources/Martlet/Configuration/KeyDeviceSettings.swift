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
        pin = KeyDeviceSettings.pin(&reader)
    }

    /// What asks the devices.
    func devices() -> KeyDevices { KeyDevices(module: module, pin: pin) }

    private static func pin(_ reader: inout SettingsReader) -> Secret? {
        guard let path = reader.text(.keyDevicePINFile) else { return nil }
        func refuse(_ complaint: String, _ remedy: String) -> Secret? {
            reader.report(
                .keyDevicePINFile, "names \(Console.visible(path)), which cannot be used: \(complaint)", remedy)
            return nil
        }
        let contents: SmallFile.Contents
        do {
            contents = try SmallFile.read(path, limit: 256)
        } catch {
            return refuse("\(error)", "Correct the path, or give the server's user the right to read it.")
        }
        guard contents.mode & 0o077 == 0 else {
            return refuse("others than its owner may read it", "Take the rights away with: chmod 600.")
        }
        let line = contents.bytes.prefix { $0 >= 0x20 && $0 < 0x7F }
        guard !line.isEmpty, contents.bytes[line.endIndex...].allSatisfy({ $0 == 0x0A || $0 == 0x0D }) else {
            return refuse("it is not one line of visible characters", "Write the PIN alone.")
        }
        return Secret(Array(line))
    }
}
