internal import COpenSSL
import JSON

/// A private key in a file as other programs keep it: PEM (RFC 7468), PKCS#8 (RFC 5958), PKCS#12 (RFC 7292), JWK (RFC 7517).
public enum PrivateKeyFile {
    /// Why there is no key for us in a file, in words for the operator.
    public enum Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        /// None of the forms.
        case unknownForm
        /// A certificate or a public key.
        case noPrivateKey
        /// A key set with several private keys, or none.
        case notOneKey
        /// It is encrypted, and there is no password.
        case passwordNeeded
        /// The password does not open it, or it is damaged.
        case wrongPassword
        /// Encrypted with an algorithm that the library has given up.
        case oldEncryption
        /// Of a type, a curve or a use that signs nothing here, or not with that algorithm.
        case unsupported
        /// An RSA key that is too short.
        case weak
        /// Malformed, or its parts do not belong together.
        case invalid

        /// What is wrong and what to do.
        public var description: String {
            switch self {
            case .unknownForm: "it is neither PEM, PKCS#8, PKCS#12 nor a private JWK"
            case .noPrivateKey: "it holds no private key, only a public one or a certificate"
            case .notOneKey: "it is a key set without exactly one private key; give a file with that one alone"
            case .passwordNeeded: "it is encrypted; name a file with its password with --password-file"
            case .wrongPassword: "the password does not open it, or it is damaged"
            case .oldEncryption:
                "it is encrypted in a way that is given up; convert it: openssl pkcs12 -legacy -in OLD -nodes -out NEW.pem"
            case .unsupported:
                "its key cannot sign here, or not with that algorithm: EC on P-256, P-384 or P-521, Ed25519, or RSA"
            case .weak: "its RSA key is too short; 2048 bits are the least"
            case .invalid: "its key is malformed, or its parts do not belong together"
            }
        }
    }

    /// Reads the one private key; an RSA key signs with `algorithm` or else RS256.
    ///
    /// Throws `Refusal` for everything else, whatever the bytes are.
    public static func read(
        _ bytes: [UInt8], password: Secret? = nil, algorithm: SignatureAlgorithm? = nil
    ) throws(Refusal) -> SigningKey {
        defer { OpenSSLErrors.clear() }
        if let document = try document(bytes) { return try key(document, algorithm) }
        let key =
            if contains("-----BEGIN ", bytes) {
                try PEMFile.read(bytes, password)
            } else {
                try DERFile.read(bytes, password)
            }
        do {
            let pkcs8 = try key.pkcs8()
            return try pkcs8.withBytes { pkcs8 throws(JOSEError) in
                // Only an RSA key leaves a choice.
                let isRSA = EVP_PKEY_get_base_id(key.pointer) == EVP_PKEY_RSA
                return try SigningKey(pkcs8: pkcs8, algorithm: algorithm ?? (isRSA ? .rs256 : nil))
            }
        } catch {
            throw Refusal(error)
        }
    }

    private static func document(_ bytes: [UInt8]) throws(Refusal) -> JSONObject? {
        let first = bytes.first { !($0 == 0x20 || (0x09...0x0D).contains($0)) }
        guard first == UInt8(ascii: "{") else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self), let document = try? JSONValue(parsing: text).object
        else { throw .unknownForm }
        return document
    }

    private static func key(_ document: JSONObject, _ algorithm: SignatureAlgorithm?) throws(Refusal) -> SigningKey {
        var jwk = document
        if let entries = document["keys"]?.array {
            let keys = entries.compactMap(\.object).filter { $0["d"] != nil }
            guard keys.count == 1 else { throw .notOneKey }
            jwk = keys[0]
        }
        guard let type = jwk["kty"]?.string else { throw .unknownForm }
        guard jwk["d"] != nil || type == "oct" else { throw .noPrivateKey }
        let isOpen = type == "RSA" && jwk["alg"] == nil
        do {
            return try SigningKey(privateJWK: jwk, algorithm: algorithm ?? (isOpen ? .rs256 : nil))
        } catch {
            throw Refusal(error)
        }
    }

    static func contains(_ text: StaticString, _ bytes: [UInt8]) -> Bool {
        text.withUTF8Buffer { text in
            bytes.indices.contains { index in
                bytes.count - index >= text.count && bytes[index..<index + text.count].elementsEqual(text)
            }
        }
    }
}

extension PrivateKeyFile.Refusal {
    fileprivate init(_ error: JOSEError) {
        self =
            switch error {
            case .unsupportedKey: .unsupported
            case .weakKey: .weak
            default: .invalid
            }
    }

    /// What the library says about a file that it could not decrypt.
    static func ofDecryption() -> PrivateKeyFile.Refusal {
        while true {
            let code = ERR_get_error()
            guard code != 0 else { return .wrongPassword }
            if martlet_is_unsupported(code) != 0 { return .oldEncryption }
        }
    }
}
