internal import COpenSSL

extension KeyContextPool {
    /// The longest signature, that of RSA with 8192 bits, in bytes.
    private static let longest = RSAModulus.sizes.upperBound / 8

    /// The signature of a message, in the form that JWS uses: RFC 7518 §3.3 to §3.5, RFC 8037 §3.1.
    func sign(_ message: Span<UInt8>) throws(JOSEError) -> [UInt8] {
        guard let signature = try signature(of: message) else { throw OpenSSLErrors.clear(.libraryFailure) }
        return signature
    }

    /// The same; on nil the queue of errors says why.
    func signature(of message: Span<UInt8>) throws(JOSEError) -> [UInt8]? {
        switch algorithm.scheme {
        case .ecdsa(let curve):
            try withContext { context in
                Self.written(atMost: ECDSASignature.longest + 1) { output, count in
                    algorithm.hash.withDigest(of: message) {
                        EVP_PKEY_sign(context, output, &count, $0.baseAddress, $0.count)
                    }
                } finish: {
                    ECDSASignature.fixed(fromDER: $0.span, on: curve)
                }
            }
        case .pkcs1, .pss:
            try withContext { context in
                Self.written(atMost: Self.longest) { output, count in
                    algorithm.hash.withDigest(of: message) {
                        EVP_PKEY_sign(context, output, &count, $0.baseAddress, $0.count)
                    }
                } finish: {
                    [UInt8]($0)
                }
            }
        case .edDSA:
            try withMessageContext { context in
                Self.written(atMost: 2 * OctetCurve.size) { output, count in
                    message.withUnsafeBufferPointer {
                        EVP_DigestSign(context, output, &count, $0.baseAddress, $0.count)
                    }
                } finish: {
                    [UInt8]($0)
                }
            }
        }
    }

    /// What a call of libcrypto writes to a buffer on the stack; `nil` if it fails.
    private static func written(
        atMost most: Int, by write: (UnsafeMutablePointer<UInt8>?, inout Int) -> Int32,
        finish: (UnsafeBufferPointer<UInt8>) -> [UInt8]?
    ) -> [UInt8]? {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: most) { buffer in
            var count = buffer.count
            guard write(buffer.baseAddress, &count) == 1, count <= buffer.count else { return nil }
            return finish(UnsafeBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Whether the signature, in the form that JWS uses, signs the message.
    func isValid(_ signature: Span<UInt8>, over message: Span<UInt8>) throws(JOSEError) -> Bool {
        let status: Int32
        switch algorithm.scheme {
        case .ecdsa(let curve):
            guard let encoded = ECDSASignature.der(fromFixed: signature, on: curve) else { return false }
            status = try verify(encoded.span, message)
        case .pkcs1, .pss:
            status = try verify(signature, message)
        case .edDSA:
            status = try withMessageContext { context in
                signature.withUnsafeBufferPointer { signature in
                    message.withUnsafeBufferPointer {
                        EVP_DigestVerify(
                            context, signature.baseAddress, signature.count, $0.baseAddress, $0.count)
                    }
                }
            }
        }
        // A refused signature leaves an entry at times.
        if status != 1 { OpenSSLErrors.clear() }
        return status == 1
    }

    private func verify(_ signature: Span<UInt8>, _ message: Span<UInt8>) throws(JOSEError) -> Int32 {
        try withContext { context in
            algorithm.hash.withDigest(of: message) { digest in
                signature.withUnsafeBufferPointer {
                    EVP_PKEY_verify(context, $0.baseAddress, $0.count, digest.baseAddress, digest.count)
                }
            }
        }
    }
}
