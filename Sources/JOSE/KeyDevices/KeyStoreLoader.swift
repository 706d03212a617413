internal import COpenSSL

/// Private keys by the loaders that providers of libcrypto bring along: ossl_store(7).
enum KeyStoreLoader {
    enum Outcome {
        case key(OpaquePointer)
        /// No provider knows the scheme.
        case unknownScheme
        case failure([LibraryError])
    }

    static func load(_ uri: KeyURI, _ question: UnsafeMutablePointer<PINQuestion>) -> Outcome {
        guard let store = OSSL_STORE_open(uri.text, PINQuestion.method, question, nil, nil) else {
            let errors = OpenSSLErrors.take()
            // What was asked for a PIN is there.
            return !question.pointee.isAsked && isUnknown(uri, errors) ? .unknownScheme : .failure(errors)
        }
        defer { OSSL_STORE_close(store) }
        while OSSL_STORE_eof(store) == 0 {
            guard let entry = OSSL_STORE_load(store) else {
                if OSSL_STORE_error(store) != 0 { break }
                continue
            }
            defer { OSSL_STORE_INFO_free(entry) }
            if OSSL_STORE_INFO_get_type(entry) == OSSL_STORE_INFO_PKEY, let key = OSSL_STORE_INFO_get1_PKEY(entry) {
                OpenSSLErrors.clear()
                return .key(key)
            }
        }
        return .failure(OpenSSLErrors.take())
    }

    /// Whether the library has looked for a loader of this scheme in vain; it looks for one of files, too.
    private static func isUnknown(_ uri: KeyURI, _ errors: [LibraryError]) -> Bool {
        let scheme = "scheme=" + uri.text.prefix { $0 != ":" }
        return errors.contains { $0.data.lowercased() == scheme.lowercased() }
    }
}
