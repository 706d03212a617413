internal import COpenSSL

/// A key in a device, opened: signs until the device goes away.
final class OpenDeviceKey: Sendable {
    private let contexts: KeyContextPool

    /// The key that verifies what this one signs; its name is its thumbprint.
    let publicKey: PublicKey

    /// Opens a key, and sees whether it signs; an RSA key signs with `algorithm` or else RS256.
    init(_ key: EVPKey, for algorithm: SignatureAlgorithm?, _ question: PINQuestion) throws(KeyDeviceError) {
        guard let material = try? OpenDeviceKey.publicPart(of: key) else { throw .unfit }
        let possible = material.signatureAlgorithms
        guard let algorithm = algorithm ?? possible.first, possible.contains(algorithm),
            let publicKey = try? PublicKey(material, algorithm: algorithm)
        else { throw .unfit }
        self.publicKey = publicKey
        // None is kept: a context would hold the device for longer than the key.
        contexts = KeyContextPool(key, for: .sign, with: algorithm, keeping: 0)
        let message = Array("martlet tries a key".utf8)
        // Some devices look at the PIN here first.
        let signature = try sign(message, question)
        guard (try? publicKey.isValid(signature.span, over: message.span, by: algorithm)) == true else {
            throw .otherKey
        }
    }

    /// The signature of a message, in the form that JWS uses.
    func sign(
        _ message: [UInt8], _ question: PINQuestion = PINQuestion(pin: nil)
    ) throws(KeyDeviceError) -> [UInt8] {
        OpenSSLErrors.clear()
        let signature: [UInt8]?
        do throws(JOSEError) { signature = try contexts.signature(of: message.span) } catch { throw .unfit }
        guard let signature else {
            let failure = KeyDeviceError(OpenSSLErrors.take(), question)
            // It was there a moment ago.
            throw failure == .noKey ? .failing("no signature") : failure
        }
        return signature
    }

    /// By its DER form, which every kind of key has.
    private static func publicPart(of key: EVPKey) throws(JOSEError) -> PublicMaterial {
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = i2d_PUBKEY(key.pointer, &bytes)
        guard count > 0, let bytes else { throw OpenSSLErrors.clear(.unsupportedKey) }
        defer { CRYPTO_free(bytes, nil, 0) }
        var position = UnsafePointer<UInt8>?(bytes)
        return try PublicMaterial(of: EVPKey(owning: d2i_PUBKEY(nil, &position, Int(count)), orThrow: .unsupportedKey))
    }
}
