public import JOSE
import OAuthTypes

/// A code on paper that opens an account once, in place of its authenticator app.
///
/// 80 random bits as sixteen characters: enough for a plain digest in the store to be of no use to a thief (ASVS 6.5.2
/// asks for 64). The alphabet has no letters that look like digits (Crockford's base 32).
public struct RecoveryCode: Sendable, Equatable {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private static let length = 16

    private let characters: [UInt8]

    /// A new code.
    public init(random: any RandomSource) {
        characters = random.bytes(RecoveryCode.length).map { RecoveryCode.alphabet[Int($0 & 31)] }
    }

    /// A code as a person types it: capitals, blanks and hyphens do not matter, nor do o for 0 and i or l for 1.
    public init?(typed text: String) {
        guard text.utf8.count <= 64 else { return nil }
        var characters: [UInt8] = []
        for byte in text.utf8 {
            let small = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            switch small {
            case UInt8(ascii: "-"), UInt8(ascii: " "), 9, 10, 13: continue
            case UInt8(ascii: "o"): characters.append(UInt8(ascii: "0"))
            case UInt8(ascii: "i"), UInt8(ascii: "l"): characters.append(UInt8(ascii: "1"))
            default:
                guard RecoveryCode.alphabet.contains(small) else { return nil }
                characters.append(small)
            }
        }
        guard characters.count == RecoveryCode.length else { return nil }
        self.characters = characters
    }

    /// The code in groups of four, such as `0h3k-9x2m-7qpt-v5ad`: for the page that shows it once.
    public var text: String {
        stride(from: 0, to: characters.count, by: 4)
            .map { String(decoding: characters[$0..<$0 + 4], as: UTF8.self) }
            .joined(separator: "-")
    }

    /// What the store keeps: of account and code together, so that a digest is good for one account only.
    func digest(for user: UserID) -> TokenDigest {
        // A SHA-256 digest has 32 bytes by its type.
        TokenDigest(bytes: SHA256.digest(of: Array(user.rawValue.utf8) + [0] + characters).bytes)!
    }
}
