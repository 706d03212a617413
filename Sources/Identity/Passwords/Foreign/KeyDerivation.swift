internal import COpenSSL

/// Keys from passwords by OpenSSL, for hashes of other programs and nothing else.
enum KeyDerivation {
    /// PBKDF2: RFC 8018 §5.2.
    static func pbkdf2(
        _ password: [UInt8], salt: [UInt8], iterations: UInt32, digest: PBKDF2Hash.Digest, count: Int
    ) throws -> [UInt8] {
        let algorithm =
            switch digest {
            case .sha1: EVP_sha1()
            case .sha256: EVP_sha256()
            case .sha384: EVP_sha384()
            case .sha512: EVP_sha512()
            }
        var key = [UInt8](repeating: 0, count: count)
        // An empty password would be taken for a missing one: its length alone says so.
        let isDone = password.withUnsafeBytes { password in
            PKCS5_PBKDF2_HMAC(
                password.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: password.count), salt,
                Int32(clamping: salt.count), Int32(clamping: iterations), algorithm, Int32(clamping: count), &key)
        }
        guard isDone == 1 else { throw failure("PBKDF2") }
        return key
    }

    /// scrypt: RFC 7914; `cost` is N.
    static func scrypt(
        _ password: [UInt8], salt: [UInt8], cost: UInt64, blockSize: UInt32, parallelization: UInt32, count: Int
    ) throws -> [UInt8] {
        var key = [UInt8](repeating: 0, count: count)
        // What the bounds of a hash allow, with room for what the library adds.
        let memory = UInt64(ForeignHash.memoryLimit) + (64 << 20)
        let isDone = password.withUnsafeBytes { password in
            EVP_PBE_scrypt(
                password.baseAddress?.assumingMemoryBound(to: CChar.self), password.count, salt, salt.count, cost,
                UInt64(blockSize), UInt64(parallelization), memory, &key, count)
        }
        guard isDone == 1 else { throw failure("scrypt") }
        return key
    }

    private static func failure(_ name: String) -> ForeignHash.Failure {
        ERR_clear_error()
        return ForeignHash.Failure(description: name + " failed")
    }
}
