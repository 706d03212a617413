public import JOSE
import OAuthTypes

/// The secrets in mails: links of 256 random bits and codes of six digits.
///
/// Of a link the store has the digest. A code is too short for that: it is kept as a MAC, so that a copy of the database
/// does not tell it.
public struct MailCodes: Sendable {
    private let mac: HMACSHA256
    private let random: any RandomSource

    /// Codes under a key of their own, below the master key.
    public init(_ masterKey: MasterKey, random: any RandomSource) {
        mac = HMACSHA256(key: masterKey.subkey(purpose: "mail codes"))
        self.random = random
    }

    /// A secret for a link, and the digest that is stored.
    func newLink() -> (secret: String, digest: TokenDigest) {
        let secret = Base64URL.encode(random.bytes(32))
        return (secret, MailCodes.digest(of: secret))
    }

    /// A code of six digits, each as likely as the other.
    func newCode() -> String {
        while true {
            let number = random.bytes(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            // The last numbers would make some codes likelier than others.
            guard number < 4_294_000_000 else { continue }
            let digits = String(number % 1_000_000)
            return String(repeating: "0", count: 6 - digits.count) + digits
        }
    }

    /// What is stored of a code of this proof.
    func digest(ofCode code: String, for proof: TokenDigest) -> TokenDigest {
        TokenDigest(bytes: mac.authenticate(proof.bytes + Array(code.utf8)).bytes)!  // 32 bytes by its type
    }

    /// What is stored of a secret in a link or an address.
    static func digest(of secret: String) -> TokenDigest {
        TokenDigest(bytes: SHA256.digest(of: Array(secret.utf8)).bytes)!  // 32 bytes by its type
    }
}
