import JOSE
public import OAuthTypes
public import Stores

/// How many mails strangers may have sent: to one address, and from one network.
///
/// Addresses with and without an account are counted alike. Counted in the store, so for all nodes.
public struct MailLimits: Sendable {
    private let attempts: any SignInAttemptStore
    private let clock: any TimeSource

    /// Five mails to one address, then one in a quarter of an hour, and ever fewer.
    static let ofAddress = LockRule(
        failures: 5, step: .seconds(900), longest: .seconds(3600), memory: .seconds(86_400))
    /// The pause ends before the link of the last mail does: whoever asks in somebody's name keeps nobody from theirs.
    static let ofReset = LockRule(
        failures: 5, step: .seconds(300), longest: .seconds(1200), memory: .seconds(86_400))
    /// Twenty changes of an account that are told, then a pause.
    static let ofChanges = LockRule(
        failures: 20, step: .seconds(300), longest: .seconds(1800), memory: .seconds(7200))
    /// Three a day, whoever fails wherever.
    static let ofLockOuts = LockRule(
        failures: 3, step: .seconds(86_400), longest: .seconds(86_400), memory: .seconds(2 * 86_400))
    /// Thirty from one network, then a pause.
    static let ofNetwork = LockRule(
        failures: 30, step: pause, longest: .seconds(1800), memory: .seconds(3600))

    /// How long a network waits at least that has had too many.
    public static let pause = Duration.seconds(300)

    /// Limits over a store.
    public init(_ attempts: any SignInAttemptStore, clock: any TimeSource) {
        self.attempts = attempts
        self.clock = clock
    }

    /// What a mail is for: each has a count of its own, so that one keeps nobody from the other.
    enum Purpose: String, Sendable {
        case signUp = "sign-up"
        case reset
        case changeEmail = "change-email"
        case newDevice = "new-device"
        case lockedOut = "locked-out"
        case secondFactor = "second-factor"

        /// How many go to one address.
        var rule: LockRule {
            switch self {
            case .reset, .secondFactor: MailLimits.ofReset
            case .signUp, .changeEmail, .newDevice: MailLimits.ofAddress
            case .lockedOut: MailLimits.ofLockOuts
            }
        }
    }

    /// Counts one for the address alone: nobody but who has the password brings such a mail about.
    func admit(_ email: Email, for purpose: Purpose) async throws -> Bool {
        let key = key("address for \(purpose.rawValue)", MailLimits.mailbox(of: email))
        if case .locked = try await attempts.begin(key, under: purpose.rule, at: clock.now) { return false }
        return true
    }

    /// Counts one; what is over the network's limit is not counted for the address.
    func admit(_ email: Email, for purpose: Purpose, from origin: SignInOrigin) async throws -> Verdict {
        let now = clock.now
        if case .locked = try await attempts.begin(key("network", origin.network), under: MailLimits.ofNetwork, at: now)
        {
            return .networkIsOver
        }
        if case .locked = try await attempts.begin(
            key("address for \(purpose.rawValue)", MailLimits.mailbox(of: email)),
            under: purpose.rule, at: now)
        {
            return .addressIsOver
        }
        return .admitted
    }

    /// Counts a change of an account; the time to wait where there were too many.
    func wait(beforeChanging user: UserID) async throws -> Duration? {
        let now = clock.now
        let key = key("the owner of", Array(user.rawValue.utf8))
        guard case .locked(let end) = try await attempts.begin(key, under: MailLimits.ofChanges, at: now) else {
            return nil
        }
        return max(.seconds(1), end - now)
    }

    enum Verdict: Sendable, Equatable {
        case admitted, addressIsOver, networkIsOver
    }

    /// An address without what stands behind a plus sign, and without dots: most servers put all such mail into one box
    /// (RFC 5233 §1), the largest one of dots too.
    private static func mailbox(of email: Email) -> [UInt8] {
        let parts = email.rawValue.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let local = parts.dropLast().joined(separator: [UInt8(ascii: "@")]).prefix { $0 != UInt8(ascii: "+") }
            .filter { $0 != UInt8(ascii: ".") }
        return Array(local) + [UInt8(ascii: "@")] + (parts.last.map(Array.init) ?? [])
    }

    private func key(_ kind: String, _ bytes: [UInt8]) -> TokenDigest {
        let digest = SHA256.digest(of: Array("mail to \(kind) ".utf8) + bytes)
        return TokenDigest(bytes: digest.bytes)!  // a SHA-256 digest has 32 bytes by its type
    }
}
