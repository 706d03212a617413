internal import COpenSSL
internal import Glibc

/// A certificate with its chain and its private key: what a server proves to be.
///
/// `@unchecked Sendable`: the three OpenSSL objects are not modified after `init`; their references are counted
/// atomically.
public final class TLSIdentity: @unchecked Sendable {
    let certificate: OpaquePointer
    let key: OpaquePointer
    let chain: [OpaquePointer]
    /// When the certificate ends to be valid, in seconds since 1970.
    public let expiresAt: Int

    /// Reads both in PEM; the certificate first, then those that lead to the authority.
    ///
    /// A key under a passphrase is refused: nobody is there to type it.
    public init(certificate: [UInt8], key: [UInt8]) throws(TLSError) {
        ERR_clear_error()
        let certificates = Self.certificates(certificate)
        guard let leaf = certificates.first else { throw .certificate(reason: TLSErrorQueue.takeReason()) }
        let chain = Array(certificates.dropFirst())
        // The end of the file is an entry of the queue, too.
        ERR_clear_error()
        guard let privateKey = Self.privateKey(key) else {
            for certificate in certificates { X509_free(certificate) }
            throw .key(reason: TLSErrorQueue.takeReason())
        }
        self.certificate = leaf
        self.key = privateKey
        self.chain = chain
        expiresAt = Self.seconds(X509_get0_notAfter(leaf))
        // From here on `deinit` frees what a failure leaves.
        guard X509_check_private_key(leaf, privateKey) == 1 else {
            ERR_clear_error()
            throw .mismatch
        }
    }

    deinit {
        X509_free(certificate)
        for certificate in chain { X509_free(certificate) }
        EVP_PKEY_free(key)
    }

    /// Whether the certificate is for this host: RFC 9525, by its alternative names.
    func covers(_ host: UnsafePointer<CChar>) -> Bool {
        let flags = UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        return X509_check_host(certificate, host, strlen(host), flags, nil) == 1
    }

    /// All certificates of a PEM text; the caller owns them.
    static func certificates(_ pem: [UInt8]) -> [OpaquePointer] {
        withMemory(pem) { memory in
            var certificates: [OpaquePointer] = []
            while let certificate = PEM_read_bio_X509(memory, nil, refusePassphrase, nil) {
                certificates.append(certificate)
            }
            return certificates
        }
    }

    private static func privateKey(_ pem: [UInt8]) -> OpaquePointer? {
        withMemory(pem) { PEM_read_bio_PrivateKey($0, nil, refusePassphrase, nil) }
    }

    /// Without it OpenSSL would ask at the terminal.
    private static let refusePassphrase:
        @convention(c) (
            UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?
        ) -> Int32 = { _, _, _, _ in -1 }

    private static func withMemory<Result>(_ bytes: [UInt8], _ body: (OpaquePointer?) -> Result) -> Result {
        bytes.withUnsafeBytes { raw in
            let memory = BIO_new_mem_buf(raw.baseAddress, Int32(clamping: raw.count))
            defer { BIO_free(memory) }
            return body(memory)
        }
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return 0 }
        return timegm(&parts)
    }
}

/// Authorities whose clients' certificates count as verified: RFC 8705 §2.1.
///
/// `@unchecked Sendable`: the store is filled in `init`; afterwards OpenSSL locks it where it needs to.
public final class TLSAuthorities: @unchecked Sendable {
    let store: OpaquePointer

    /// Reads their certificates in PEM.
    public init(_ pem: [UInt8]) throws(TLSError) {
        ERR_clear_error()
        let certificates = TLSIdentity.certificates(pem)
        defer { for certificate in certificates { X509_free(certificate) } }
        guard !certificates.isEmpty, let store = X509_STORE_new() else {
            throw .authorities(reason: TLSErrorQueue.takeReason())
        }
        ERR_clear_error()
        for certificate in certificates { X509_STORE_add_cert(store, certificate) }
        self.store = store
    }

    deinit { X509_STORE_free(store) }
}
