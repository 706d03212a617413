internal import COpenSSL
internal import Glibc

/// A certificate with its key, made for one test.
///
/// `@unchecked Sendable`: the OpenSSL objects are not modified after `init`.
public final class TestCertificate: @unchecked Sendable {
    /// The kinds of keys.
    public enum Key: Sendable, CaseIterable {
        /// ECDSA on P-256.
        case p256
        /// RSA of 2048 bits.
        case rsa
    }

    /// OpenSSL did not do what the test asked for.
    public struct Failure: Error, CustomStringConvertible {
        /// The words of its error queue.
        public let description: String

        init() {
            let code = ERR_peek_last_error()
            description = ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
            ERR_clear_error()
        }
    }

    let certificate: OpaquePointer
    let key: OpaquePointer

    /// Makes a certificate for these hosts, signed by its own key unless an issuer is given.
    ///
    /// - Parameters:
    ///   - hosts: the alternative names, or addresses where they begin with a digit; the first is the subject too.
    ///   - isAuthority: whether it may sign others.
    ///   - validFor: seconds from now; less than 0 for one that has expired.
    public init(
        _ hosts: String..., key kind: Key = .p256, issuer: TestCertificate? = nil, isAuthority: Bool = false,
        validFor: Int = 30 * 86_400
    ) throws {
        key = try Self.makeKey(kind)
        guard let certificate = X509_new(), let name = X509_NAME_new() else { throw Failure() }
        self.certificate = certificate
        defer { X509_NAME_free(name) }
        X509_NAME_add_entry_by_txt(name, "CN", Self.plainText, hosts.first ?? "test", -1, -1, 0)
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), .random(in: 1 ... .max / 2))
        X509_set_subject_name(certificate, name)
        X509_set_issuer_name(certificate, issuer.map { X509_get_subject_name($0.certificate) } ?? name)
        X509_gmtime_adj(X509_getm_notBefore(certificate), -172_800)
        X509_gmtime_adj(X509_getm_notAfter(certificate), validFor)
        X509_set_pubkey(certificate, key)
        let names = hosts.map { ($0.first?.isNumber == true ? "IP:" : "DNS:") + $0 }.joined(separator: ",")
        if !names.isEmpty { try add(NID_subject_alt_name, names) }
        if isAuthority { try add(NID_basic_constraints, "critical,CA:TRUE") }
        guard X509_sign(certificate, issuer?.key ?? key, EVP_sha256()) > 0 else { throw Failure() }
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    /// `MBSTRING_ASC`.
    private static let plainText: Int32 = 0x1001

    private func add(_ kind: Int32, _ value: String) throws {
        guard let addition = X509V3_EXT_conf_nid(nil, nil, kind, value) else { throw Failure() }
        X509_add_ext(certificate, addition, -1)
        X509_EXTENSION_free(addition)
    }

    private static func makeKey(_ kind: Key) throws -> OpaquePointer {
        let context = EVP_PKEY_CTX_new_from_name(nil, kind == .p256 ? "EC" : "RSA", nil)
        defer { EVP_PKEY_CTX_free(context) }
        EVP_PKEY_keygen_init(context)
        switch kind {
        case .p256: EVP_PKEY_CTX_set_group_name(context, "P-256")
        case .rsa: EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048)
        }
        var key: OpaquePointer?
        guard EVP_PKEY_generate(context, &key) == 1, let key else { throw Failure() }
        return key
    }

    /// The certificate in PEM.
    public var pem: [UInt8] { Self.bytes { PEM_write_bio_X509($0, certificate) } }

    /// The key in PEM, without a passphrase.
    public var keyPEM: [UInt8] { Self.bytes { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) } }

    /// The key in PEM, under a passphrase.
    public func keyPEM(passphrase: String) -> [UInt8] {
        Self.bytes { memory in
            var passphrase = Array(passphrase.utf8)
            return PEM_write_bio_PrivateKey(
                memory, key, EVP_aes_256_cbc(), &passphrase, Int32(passphrase.count), nil, nil)
        }
    }

    /// The certificate in DER.
    public var der: [UInt8] { Self.bytes { i2d_X509_bio($0, certificate) } }

    private static func bytes(_ write: (OpaquePointer?) -> Int32) -> [UInt8] {
        let memory = BIO_new(BIO_s_mem())
        defer { BIO_free(memory) }
        guard write(memory) == 1 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = BIO_read(memory, &bytes, Int32(bytes.count))
        return Array(bytes[..<max(0, Int(count))])
    }
}
