import JOSE
import OAuthTypes

/// A proof key's verifier: RFC 7636 §4.1, 43 to 128 unreserved characters.
struct CodeVerifier: Sendable {
    private let rawValue: String

    init(_ text: String) throws(OAuthError) {
        let bytes = text.utf8
        let isUnreserved = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                true
            default: false
            }
        }
        guard (43...128).contains(bytes.count), isUnreserved else {
            throw OAuthError(
                .invalidRequest, "code_verifier must be 43 to 128 unreserved characters",
                advice:
                    "the code_verifier has \(text.utf8.count) characters, or others than letters, digits, hyphen, full stop, underscore, tilde",
                rule: "RFC 7636 §4.1")
        }
        rawValue = text
    }

    /// §4.6, in constant time.
    func proves(_ challenge: CodeChallenge) -> Bool {
        constantTimeEquals(SHA256.digest(of: rawValue).base64URL, challenge.rawValue)
    }
}
