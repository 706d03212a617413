import JOSE
import OAuthTypes
import Stores
import WebAuthn

/// The challenges of passkey ceremonies: made without a trace, good once, for a while, in one browser, for one purpose.
///
/// A challenge is a random number and the time, with a code under the master key over both and over what it is for: whoever
/// only opens pages makes us store nothing. The answer spends it in the store that all nodes share (WebAuthn §13.4.3).
struct PasskeyChallenges: Sendable {
    /// What the answer is to do.
    enum Purpose: UInt8 {
        case registration = 1
        case signIn = 2
        case secondFactor = 3
    }

    /// Where an answer counts.
    struct Occasion {
        let purpose: Purpose
        /// The secret of the browser's own cookie.
        let browser: String
        /// The account, or what a password waits for; empty where nobody is known yet.
        var subject = ""
    }

    /// How long there is for the answer.
    static let lifetime = Duration.seconds(10 * 60)

    private static let nonceCount = 16
    private static let timeCount = 8

    /// The first makes codes, all know them: those of earlier master keys.
    private let macs: [HMACSHA256]
    private let spent: any SpentChallengeStore
    private let clock: any TimeSource
    private let random: any RandomSource

    init(_ spent: any SpentChallengeStore, masterKey: MasterKey, clock: any TimeSource, random: any RandomSource) {
        macs = masterKey.all.map { HMACSHA256(key: $0.subkey(purpose: "passkey challenges")) }
        self.spent = spent
        self.clock = clock
        self.random = random
    }

    /// A new one.
    func make(for occasion: Occasion) -> WebAuthnChallenge {
        let time = UInt64(bitPattern: clock.now.microseconds)
        let head =
            random.bytes(PasskeyChallenges.nonceCount)
            + stride(from: UInt64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: time >> $0) }
        // There is always a first: the master key itself.
        let code = macs[0].authenticate(PasskeyChallenges.message(head, occasion)).bytes
        return WebAuthnChallenge(bytes: head + code)
    }

    /// The challenge that was posted back; nil where it is not ours, or for something else, or too old.
    func read(_ text: String, for occasion: Occasion) -> WebAuthnChallenge? {
        let headCount = PasskeyChallenges.nonceCount + PasskeyChallenges.timeCount
        guard text.utf8.count <= 128, let bytes = Base64URL.decode(text),
            bytes.count == headCount + SHA256Digest.count
        else { return nil }
        let (head, code) = (Array(bytes[..<headCount]), Array(bytes[headCount...]))
        let message = PasskeyChallenges.message(head, occasion)
        guard macs.contains(where: { $0.isValid(code.span, for: message.span) }),
            clock.now < PasskeyChallenges.issueTime(of: head) + PasskeyChallenges.lifetime
        else { return nil }
        return WebAuthnChallenge(bytes: bytes)
    }

    /// Marks one that was read as answered; false where it was.
    func spend(_ challenge: WebAuthnChallenge) async throws -> Bool {
        // A SHA-256 digest has 32 bytes by its type.
        let digest = TokenDigest(bytes: SHA256.digest(of: challenge.bytes).bytes)!
        return try await spent.spend(
            digest, expiresAt: PasskeyChallenges.issueTime(of: challenge.bytes) + PasskeyChallenges.lifetime)
    }

    private static func issueTime(of bytes: [UInt8]) -> Timestamp {
        let time = bytes[nonceCount..<(nonceCount + timeCount)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Timestamp(microseconds: Int64(bitPattern: time))
    }

    private static func message(_ head: [UInt8], _ occasion: Occasion) -> [UInt8] {
        // All but the last part have a fixed length: no two occasions give the same message.
        head + [occasion.purpose.rawValue] + SHA256.digest(of: Array(occasion.browser.utf8)).bytes
            + Array(occasion.subject.utf8)
    }
}
