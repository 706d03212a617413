extension KeyDeviceError {
    /// What the library's words on a failure mean.
    init(_ errors: [LibraryError], _ question: PINQuestion) {
        if errors.contains(where: \.isAboutPIN) {
            self = .pinRefused
        } else if question.isAsked, question.pin == nil {
            self = .pinMissing
        } else if errors.contains(where: { $0.words.hasPrefix("Unable to load PKCS#11 module") }) {
            self = .noModule
        } else if errors.isEmpty || errors.contains(where: \.isAbsence) {
            self = .noKey
        } else {
            // A module that uses libcrypto itself leaves its own complaints in the queue.
            let ofDevice = errors.filter(\.isOfDevice)
            let telling = (ofDevice.isEmpty ? errors : ofDevice).prefix(2)
            self = .failing(telling.map { "\($0.words) (\($0.library))" }.joined(separator: ", "))
        }
    }
}

extension LibraryError {
    fileprivate var isOfDevice: Bool {
        let library = library.lowercased()
        return library.contains("pkcs") || library.contains("p11") || library.contains("tpm")
    }

    /// PKCS #11: CKR_PIN_INCORRECT to CKR_PIN_LOCKED; the TPM's provider tells by words alone.
    fileprivate var isAboutPIN: Bool {
        isOfDevice && ((0xA0...0xA4).contains(reason) || data.contains("authorization"))
    }

    /// libp11 says that it finds no object, the TPM's provider that it cannot load the key.
    fileprivate var isAbsence: Bool { words == "object not found" || words == "cannot load key" }
}
