internal import COpenSSL

/// Owner of one asymmetric key of libcrypto.
///
/// Unchecked: the pointer never changes and the key behind it is not modified after it was made; OpenSSL allows to
/// read one EVP_PKEY from any number of threads and counts references atomically.
final class EVPKey: @unchecked Sendable {
    let pointer: OpaquePointer

    /// The engine that the key is of, if it is of one; it stays as long as its keys.
    private let engine: KeyEngine?

    /// What operations ask of a provider: where the key is in a device, only its own can work with it.
    let properties: String?

    /// Takes over the key; throws `error` for a null pointer.
    init(owning pointer: OpaquePointer?, orThrow error: JOSEError) throws(JOSEError) {
        guard let pointer else { throw OpenSSLErrors.clear(error) }
        self.pointer = pointer
        engine = nil
        properties = nil
    }

    /// Takes over the key of an engine, or of a provider where there is none.
    init(inDevice pointer: OpaquePointer, of engine: KeyEngine?) {
        self.pointer = pointer
        self.engine = engine
        let provider = EVP_PKEY_get0_provider(pointer).flatMap { OSSL_PROVIDER_get0_name($0) }
        properties = provider.map { "?provider=" + String(cString: $0) }
    }

    deinit {
        // The engine holds its keys, and they hold the engine: it would never leave the token.
        if engine != nil { EVP_PKEY_set1_engine(pointer, nil) }
        EVP_PKEY_free(pointer)
    }

    /// Whether this is a key of a type, by libcrypto's name for it.
    func isA(_ type: String) -> Bool { EVP_PKEY_is_a(pointer, type) == 1 }

    /// A fresh key pair of a type, by libcrypto's name for it; `prepare` sets what the type asks for.
    static func generate(
        _ type: String, prepare: (OpaquePointer) -> Bool = { _ in true }
    ) throws(JOSEError) -> EVPKey {
        let context = try KeyContext(owning: EVP_PKEY_CTX_new_from_name(nil, type, nil))
        var key: OpaquePointer?
        guard
            EVP_PKEY_keygen_init(context.pointer) == 1, prepare(context.pointer),
            EVP_PKEY_generate(context.pointer, &key) == 1
        else { throw OpenSSLErrors.clear(.libraryFailure) }
        return try EVPKey(owning: key, orThrow: .libraryFailure)
    }

    /// Throws `invalidKey` unless private and public part belong together; for RSA also unless the factors are prime.
    func checkPair() throws(JOSEError) {
        let context = try KeyContext(owning: EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil))
        guard EVP_PKEY_check(context.pointer) == 1 else { throw OpenSSLErrors.clear(.invalidKey) }
    }

    /// A whole number of the key, big-endian, with zeros in front up to `size` bytes; without a size, with none.
    func number(_ name: String, size: Int? = nil) throws(JOSEError) -> [UInt8] {
        var number: OpaquePointer?
        defer { BN_clear_free(number) }
        guard EVP_PKEY_get_bn_param(pointer, name, &number) == 1 else { throw OpenSSLErrors.clear(.invalidKey) }
        let count = Int32(size ?? (Int(BN_num_bits(number)) + 7) / 8)
        var bytes = [UInt8](repeating: 0, count: Int(count))
        guard BN_bn2binpad(number, &bytes, count) == count else { throw OpenSSLErrors.clear(.invalidKey) }
        return bytes
    }
}

/// Owner of one context for operations on a key.
///
/// Unchecked: a context is used by one thread at a time, since only `KeyContextPool` hands it out, removing it from
/// its list meanwhile. OpenSSL does not mind that these are different threads.
final class KeyContext: @unchecked Sendable {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer?) throws(JOSEError) {
        guard let pointer else { throw OpenSSLErrors.clear(.libraryFailure) }
        self.pointer = pointer
    }

    deinit { EVP_PKEY_CTX_free(pointer) }
}
