internal import COpenSSL

/// Agrees on secrets with one private key: RFC 7518 §4.6, RFC 8037 §3.2.
struct KeyAgreement: Sendable {
    /// The length of a secret in bytes: that of a coordinate.
    private let count: Int
    private let contexts: ContextPool

    /// `nil` for a key that does not agree on anything.
    init?(_ key: EVPKey, _ shape: PublicMaterial.Shape) {
        switch shape {
        case .ec(let curve, _, _): count = curve.size
        case .okp(.x25519, _): count = OctetCurve.size
        case .okp(.ed25519, _), .rsa: return nil
        }
        contexts = ContextPool(key) { EVP_PKEY_derive_init($0) == 1 }
    }

    /// The secret that both have with a key of the same curve.
    ///
    /// Throws `libraryFailure` only; a point of small order, which X25519 refuses, was refused when it was read.
    func agree(with other: EVPKey) throws(JOSEError) -> Secret {
        var status: Int32 = 0
        let secret = try contexts.withContext { context in
            Secret(count: count) { output in
                var written = output.count
                // Not validated again: that the point is on the curve was seen when it was read, and these curves have
                // no other points. It would cost a second multiplication.
                guard EVP_PKEY_derive_set_peer_ex(context, other.pointer, 0) == 1 else { return }
                status = EVP_PKEY_derive(context, output.baseAddress, &written)
                if written != output.count { status = 0 }
            }
        }
        guard status == 1 else { throw OpenSSLErrors.clear(.libraryFailure) }
        return secret
    }
}

extension Secret {
    /// The key that an agreed secret becomes: RFC 7518 §4.6.2.
    func derive(
        for algorithm: KeyManagementAlgorithm, _ encryption: ContentEncryption, partyU: [UInt8], partyV: [UInt8]
    ) -> Secret {
        let wrapping = algorithm.wrappingKeyCount
        return ConcatKDF.derive(
            from: self, algorithm: wrapping == nil ? encryption.rawValue : algorithm.rawValue,
            apu: partyU, apv: partyV, count: wrapping ?? encryption.keyCount)
    }
}
