/// Names a private key that stays in a device: a PKCS #11 token (RFC 7512), a TPM, or what else a provider of libcrypto knows.
///
/// It is stored, listed and logged, so it never holds a PIN.
public struct KeyURI: Sendable, Hashable, CustomStringConvertible {
    /// Why a text names no key, in words for the operator.
    public enum Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        /// Not a scheme and a rest, in visible ASCII characters of at most `KeyURI.limit` bytes.
        case malformed
        /// It names a file.
        case file
        /// It holds a PIN, or says where one is: `pin-value`, `pin-source` (RFC 7512 §2.3, §2.4).
        case holdsPIN
        /// A PKCS #11 URI that fits every key of a token.
        case ambiguous

        /// What is wrong and what to do.
        public var description: String {
            switch self {
            case .malformed: "it is no URI, such as pkcs11:token=martlet;object=signing or handle:0x81000001"
            case .file: "it names a file; a key in a file is imported as FILE"
            case .holdsPIN:
                "it holds a PIN, or where one is; write the PIN alone into the file of MARTLET_KEY_DEVICE_PIN_FILE"
            case .ambiguous: "it fits every key of the token; name one with object= or id="
            }
        }
    }

    /// The most bytes that one may have.
    public static let limit = 1024

    /// As it was written.
    public let text: String

    /// Whether it names an object of a PKCS #11 token.
    let isPKCS11: Bool

    /// Takes a URI that names one key; throws `Refusal`.
    public init(_ text: String) throws(Refusal) {
        guard text.utf8.count <= KeyURI.limit, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), text.utf8.index(after: colon) < text.utf8.endIndex
        else { throw .malformed }
        let scheme = text[..<colon].lowercased()
        guard let first = scheme.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
            scheme.utf8.allSatisfy(KeyURI.isOfScheme)
        else { throw .malformed }
        // libcrypto takes a path for a file: URI.
        guard scheme != "file" else { throw .file }
        self.text = text
        isPKCS11 = scheme == "pkcs11"
        guard isPKCS11 else { return }
        let names = KeyURI.attributes(of: text[text.utf8.index(after: colon)...])
        guard !names.contains(where: { $0.hasPrefix("pin-") }) else { throw .holdsPIN }
        guard names.contains("object") || names.contains("id") else { throw .ambiguous }
    }

    /// The URI.
    public var description: String { text }

    private static func isOfScheme(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    /// The names of path and query attributes: RFC 7512 §2.3.
    private static func attributes(of rest: Substring) -> [String] {
        rest.split(whereSeparator: { ";?&".contains($0) }).map { attribute in
            String(attribute.prefix { $0 != "=" }).lowercased()
        }
    }
}
