/// Why a key in a device does not sign, in words for the operator; never with a PIN.
public enum KeyDeviceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Neither a provider nor the PKCS #11 engine of libcrypto is there that knows the URI.
    case noProvider
    /// The module that drives the device cannot be loaded.
    case noModule
    /// The device asks for a PIN, and none is set.
    case pinMissing
    /// The device refuses the PIN, which is not tried again.
    case pinRefused
    /// The device is not there, or has no such private key.
    case noKey
    /// There is another key than the one that was imported.
    case otherKey
    /// The key cannot sign with its algorithm.
    case unfit
    /// The device fails, with what the library says.
    case failing(String)
    /// Too much waits for the device already.
    case busy

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .noProvider:
            "no provider of OpenSSL knows such a URI; for pkcs11: install the engine (Debian: libengine-pkcs11-openssl), for "
                + "a TPM activate its provider in openssl.cnf (Debian: tpm2-openssl)"
        case .noModule: "the PKCS #11 module cannot be loaded; MARTLET_PKCS11_MODULE names it"
        case .pinMissing: "the device asks for a PIN; MARTLET_KEY_DEVICE_PIN_FILE names a file with it"
        case .pinRefused:
            "the device refuses the PIN. It is not tried again, since a few wrong ones lock most devices: correct the file of "
                + "MARTLET_KEY_DEVICE_PIN_FILE, then start anew"
        case .noKey: "the device is not there, or has no private key of that name"
        case .otherKey: "the device has another key there than the one that was imported"
        case .unfit:
            "the key cannot sign with that algorithm: EC on P-256, P-384 or P-521, Ed25519, or RSA of 2048 bits or more"
        case .failing(let words): "the device fails: \(words)"
        case .busy: "too many signatures wait for the device"
        }
    }

    /// Whether asking again later may help.
    public var isTemporary: Bool {
        switch self {
        case .noKey, .failing, .busy: true
        case .noProvider, .noModule, .pinMissing, .pinRefused, .otherKey, .unfit: false
        }
    }
}
