internal import COpenSSL

/// The error queue of libcrypto, one per thread.
///
/// Whoever sees a call fail empties it: a stale entry would be taken for the reason of a later failure, in TLS even
/// for a failure as such.
enum OpenSSLErrors {
    /// Empties the queue and passes the error on.
    static func clear(_ error: JOSEError) -> JOSEError {
        ERR_clear_error()
        return error
    }

    static func clear() { ERR_clear_error() }

    static var isEmpty: Bool { ERR_peek_error() == 0 }
}
