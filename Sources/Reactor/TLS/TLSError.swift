internal import COpenSSL

/// Why certificates or keys cannot be used.
public enum TLSError: Error, Sendable, Hashable {
    /// The certificate file holds no certificate in PEM, or one that is damaged.
    case certificate(reason: String)
    /// The key file holds no private key in PEM, a damaged one or one under a passphrase.
    case key(reason: String)
    /// The key is not that of the certificate.
    case mismatch
    /// The file of authorities holds no certificate in PEM.
    case authorities(reason: String)
    /// There is no certificate at all.
    case noCertificate
    /// OpenSSL refused something else.
    case library(reason: String)
}

extension TLSError: CustomStringConvertible {
    /// What is wrong, in words, without the name of a file.
    public var description: String {
        switch self {
        case .certificate(let reason): "no usable certificate: \(reason)"
        case .key(let reason): "no usable private key: \(reason)"
        case .mismatch: "the key is not that of the certificate"
        case .authorities(let reason): "no usable certificates of authorities: \(reason)"
        case .noCertificate: "there is no certificate"
        case .library(let reason): reason
        }
    }
}

/// The error queue of OpenSSL, one per thread.
///
/// It must be empty before a call whose outcome is then asked for: a stale entry would be taken for its failure.
enum TLSErrorQueue {
    /// Empties the queue and gives the words of its last entry, which is the most telling one.
    static func takeReason() -> String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0 else { return "no reason given" }
        guard let words = ERR_reason_error_string(code) else { return "error \(code)" }
        return String(cString: words)
    }
}
