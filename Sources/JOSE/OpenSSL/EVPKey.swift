internal import COpenSSL

/// Owner of one asymmetric key of libcrypto.
///
/// Unchecked: the pointer never changes and the key behind it is not modified after it was made; OpenSSL allows to
/// read one EVP_PKEY from any number of threads and counts references atomically.
final class EVPKey: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over the key; throws `error` for a null pointer.
    init(owning pointer: OpaquePointer?, orThrow error: JOSEError) throws(JOSEError) {
        guard let pointer else { throw OpenSSLErrors.clear(error) }
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }
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
