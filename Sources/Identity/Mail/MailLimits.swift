import JOSE
public import OAuthTypes
public import Stores

/// How many mails strangers may have sent: to one address, and from one network.
///
/// Addresses with and without an account are counted alike. Counted in the store, so for all nodes.
public struct MailLimits: Sendable {
    private let attempts: any SignInAttemptStore
    private let clock: any TimeSource
    /// How many of what.
    let rates: MailRates

    /// So many mails to one address, then one in a quarter of an hour, and ever fewer.
    private var ofAddress: LockRule {
        LockRule(
            failures: rates.perAddress, step: rates.pause * 3, longest: rates.longestPause * 2,
            memory: .seconds(86_400))
    }
    /// The pause ends before the link of the last mail does: whoever asks in somebody's name keeps nobody from theirs.
    var ofReset: LockRule {
        let longest = min(rates.longestPause, rates.lifetimes.reset * 2 / 3)
        return LockRule(
            failures: rates.perAddress, step: min(rates.pause, longest), longest: longest, memory: .seconds(86_400))
    }
    /// So many changes of an account that are told, or sign-ins in unknown browsers, then a pause.
    private var ofChanges: LockRule {
        LockRule(failures: rates.changes, step: rates.pause, longest: rates.longestPause, memory: .seconds(7200))
    }
    /// So many a day, whoever fails wherever.
    private var ofLockOuts: LockRule {
        LockRule(
            failures: rates.lockOuts, step: .seconds(86_400), longest: .seconds(86_400), memory: .seconds(2 * 86_400))
    }
    /// So many from one network, then a pause.
    private var ofNetwork: LockRule {
        LockRule(
            failures: rates.perNetwork, step: rates.pause, longest: rates.longestPause, memory: .seconds(3600))
    }

    /// Limits over a store.
    public init(_ attempts: any SignInAttemptStore, clock: any TimeSource, rates: MailRates = MailRates()) {
        self.attempts = attempts
        self.clock = clock
        self.rates = rates
    }

    /// How many mails for a purpose go to one address.
    private func rule(for purpose: Purpose) -> LockRule {
        switch purpose {
        case .reset, .secondFactor: ofReset
        case .signUp, .changeEmail, .newDevice: ofAddress
        case .lockedOut: ofLockOuts
        }
    }

    /// What a mail is for: each has a count of its own, so that one keeps nobody from the other.
    enum Purpose: String, Sendable {
        case signUp = "sign-up"
        case reset
        case changeEmail = "change-email"
        case newDevice = "new-device"
        case lockedOut = "locked-out"
        case secondFactor = "second-factor"
    }

    /// Counts one for the address alone: nobody but who has the password brings such a mail about.
    func admit(_ email: Email, for purpose: Purpose) async throws -> Verdict {
        let now = clock.now
        let key = key("address for \(purpose.rawValue)", MailLimits.mailbox(of: email))
        guard case .locked(let end) = try await attempts.begin(key, under: rule(for: purpose), at: now) else {
            return .admitted
        }
        return .addressIsOver(max(.seconds(1), end - now))
    }

    /// Counts one; what is over the network's limit is not counted for the address.
    func admit(_ email: Email, for purpose: Purpose, from origin: SignInOrigin) async throws -> Verdict {
        let now = clock.now
        if case .locked(let end) = try await attempts.begin(
            key("network", origin.network), under: ofNetwork, at: now)
        {
            return .networkIsOver(max(.seconds(1), end - now))
        }
        return try await admit(email, for: purpose)
    }

    /// Counts a mail about a sign-in in an unknown browser: few about one like it, more about all, so that whoever has the
    /// password hides no sign-in behind many others, and does not fill the box of its owner.
    func admit(_ email: Email, about device: BrowserTraits) async throws -> Bool {
        let (now, box) = (clock.now, MailLimits.mailbox(of: email))
        let place: [UInt8] = [0] + Array("\(device.device ?? "") \(device.network ?? "")".utf8)
        for (key, rule) in [
            (key("address for \(Purpose.newDevice.rawValue)", box + place), ofAddress),
            (key("address for \(Purpose.newDevice.rawValue)", box), ofChanges),
        ] {
            if case .locked = try await attempts.begin(key, under: rule, at: now) { return false }
        }
        return true
    }

    /// Counts a change of an account; the time to wait where there were too many.
    func wait(beforeChanging user: UserID) async throws -> Duration? {
        let now = clock.now
        let key = key("the owner of", Array(user.rawValue.utf8))
        guard case .locked(let end) = try await attempts.begin(key, under: ofChanges, at: now) else {
            return nil
        }
        return max(.seconds(1), end - now)
    }

    /// Whether a mail may be sent; with the time to wait where it may not.
    enum Verdict: Sendable, Equatable {
        case admitted, addressIsOver(Duration), networkIsOver(Duration)

        /// The time to wait; nil for none.
        var wait: Duration? {
            switch self {
            case .admitted: nil
            case .addressIsOver(let wait), .networkIsOver(let wait): wait
            }
        }
    }

    /// What came of asking for one more mail.
    public enum Again: Sendable, Equatable {
        /// It is on its way.
        case sent
        /// There were too many; after that time there may be one more.
        case limited(Duration)
        /// There were enough: whoever got none of them begins anew.
        case enough
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
