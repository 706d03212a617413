internal import COpenSSL

/// The hash functions of the algorithms of JOSE: FIPS 180-4.
enum HashFunction: Sendable {
    case sha256, sha384, sha512

    /// The length of a digest in bytes.
    var size: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// What contexts of libcrypto are told.
    var function: OpaquePointer? {
        switch self {
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }

    /// Lends the digest of a message, on the stack.
    func withDigest<Result>(of message: Span<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { digest in
            message.withUnsafeBytes { message in
                switch self {
                case .sha256:
                    var state = SHA256_CTX()
                    SHA256_Init(&state)
                    SHA256_Update(&state, message.baseAddress, message.count)
                    SHA256_Final(digest.baseAddress, &state)
                case .sha384:
                    var state = SHA512_CTX()
                    SHA384_Init(&state)
                    SHA384_Update(&state, message.baseAddress, message.count)
                    SHA384_Final(digest.baseAddress, &state)
                case .sha512:
                    var state = SHA512_CTX()
                    SHA512_Init(&state)
                    SHA512_Update(&state, message.baseAddress, message.count)
                    SHA512_Final(digest.baseAddress, &state)
                }
            }
            return body(UnsafeBufferPointer(rebasing: digest[..<size]))
        }
    }
}
