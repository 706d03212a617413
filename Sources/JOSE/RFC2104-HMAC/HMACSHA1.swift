internal import COpenSSL

/// Message authentication with HMAC-SHA-1: RFC 2104, for one-time passwords (RFC 4226) and nothing else.
///
/// What is known against SHA-1 are collisions, which do not touch HMAC; authenticator apps know no other hash reliably.
public enum HMACSHA1 {
    /// The code of a message, 20 bytes.
    ///
    /// Throws `libraryFailure` where libcrypto does not offer the hash.
    public static func authenticate(_ message: [UInt8], key: Secret) throws(JOSEError) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: 20)
        var count: UInt32 = 0
        let isDone = key.withBytes { key in
            key.withUnsafeBufferPointer { key in
                HMAC(EVP_sha1(), key.baseAddress, Int32(clamping: key.count), message, message.count, &code, &count)
                    != nil
            }
        }
        guard isDone, count == 20 else { throw OpenSSLErrors.clear(.libraryFailure) }
        return code
    }
}
