internal import COpenSSL

/// One entry of libcrypto's queue of errors.
struct LibraryError {
    /// The part of the library, or the provider, in its own words.
    let library: String
    let reason: Int32
    /// What the reason means, in the library's words.
    let words: String
    /// What else it says: names, numbers, never a secret.
    let data: String
}

extension OpenSSLErrors {
    /// Empties the queue, the oldest entry first.
    static func take() -> [LibraryError] {
        var errors: [LibraryError] = []
        while true {
            var data: UnsafePointer<CChar>?
            let code = ERR_get_error_all(nil, nil, nil, &data, nil)
            guard code != 0 else { return errors }
            errors.append(
                LibraryError(
                    library: ERR_lib_error_string(code).map { String(cString: $0) } ?? "",
                    reason: ERR_GET_REASON(code),
                    words: ERR_reason_error_string(code).map { String(cString: $0) } ?? "",
                    data: data.map { String(cString: $0) } ?? ""))
        }
    }
}
