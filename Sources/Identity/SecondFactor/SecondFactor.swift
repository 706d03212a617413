public import JOSE
public import OAuthTypes
public import Stores

/// What a person proves after the right password, and how the password waits for it.
///
/// The password that was proven is kept on the server, for one browser and one sign-in, for a short while; a session
/// begins after the second factor only.
public struct SecondFactor: Sendable {
    /// Authenticator apps.
    public let authenticators: Authenticators
    /// Recovery codes.
    public let recoveryCodes: RecoveryCodes
    /// Browsers that are not asked.
    public let devices: RememberedDevices
    /// Codes by mail; nil where the operator does not allow them.
    public let mailedCodes: MailedCodes?
    /// Codes by mail as fresh proof, where a provider's word is none; nil where no mail can be sent.
    let freshnessCodes: MailedCodes?
    private let passkeys: any PasskeyStore
    private let firstFactors: any FirstFactorStore
    private let users: any UserStore
    private let clock: any TimeSource

    /// How long a proven password waits.
    public static let patience: Duration = .seconds(10 * 60)

    /// For how long a proof is fresh (ASVS 7.5.1).
    public static let freshness: Duration = .seconds(10 * 60)

    /// How a session is named that a password and a code opened (`amr`, RFC 8176).
    public static let methods: [AuthenticationMethod] = [.password] + methodsOfCode

    /// What a code adds to what was proven before it.
    static let methodsOfCode: [AuthenticationMethod] = [.oneTimePassword, .multipleFactors]

    /// How the second factor is proven.
    public enum Way: String, Sendable, CaseIterable {
        /// A code of the authenticator app.
        case app
        /// A recovery code.
        case recoveryCode = "recovery"
        /// A code by mail.
        case mail
    }

    /// What is asked of an account after its password.
    public struct Ways: Sendable, Equatable {
        /// A code of an app.
        public var app = false
        /// A passkey.
        public var passkey = false
        /// Codes by mail; anything but off only where there is neither of the others.
        public var mail = MailCodeUse.off
        /// Whether the code by mail is no second factor, but fresh proof in place of a provider's old word.
        public var isForFreshness = false

        /// Whether anything is.
        public var isAny: Bool { app || passkey || mail != .off }
    }

    /// Second factors over the stores of an issuer; `issuer` is the name that apps show.
    ///
    /// `freshnessCodes` are codes by mail for whoever has no other fresh proof, whether or not they are allowed as a second
    /// factor (`mailedCodes`); nil where no mail can be sent.
    public init(
        _ storage: Storage, masterKey: MasterKey, clock: any TimeSource, random: any RandomSource, issuer: String,
        mailedCodes: MailedCodes? = nil, freshnessCodes: MailedCodes? = nil
    ) {
        let stores = storage.secondFactors
        authenticators = Authenticators(
            stores.authenticators, masterKey: masterKey, clock: clock, random: random, issuer: issuer)
        recoveryCodes = RecoveryCodes(stores.recoveryCodes, clock: clock, random: random)
        devices = RememberedDevices(stores.devices, clock: clock, random: random)
        passkeys = stores.passkeys
        firstFactors = stores.firstFactors
        users = storage.users
        self.mailedCodes = mailedCodes
        self.freshnessCodes = freshnessCodes
        self.clock = clock
    }

    /// What is asked of the account.
    public func ways(of user: UserID) async throws -> Ways {
        var ways = Ways()
        ways.app = try await authenticators.isOn(for: user)
        ways.passkey = try await !passkeys.list(of: user).isEmpty
        if mailedCodes != nil, !ways.app, !ways.passkey { ways.mail = try await users.find(user)?.mailCodes ?? .off }
        return ways
    }

    /// Whether the account has one: an app, a passkey, or codes by mail.
    public func isOn(for user: UserID) async throws -> Bool {
        if try await authenticators.isOn(for: user) { return true }
        return try await ways(of: user).isAny
    }

    /// Whether a person proved within the last minutes who they are: by both factors, where the account has two.
    public func isFresh(
        _ user: UserID, provenAt moment: Timestamp, by methods: [AuthenticationMethod]
    ) async throws -> Bool {
        guard clock.now - moment <= SecondFactor.freshness else { return false }
        if methods.contains(.multipleFactors) { return true }
        let ways = try await ways(of: user)
        if ways.app || ways.passkey { return false }
        return ways.mail == .off || methods.contains(.multipleChannels)
    }

    /// Switches the app that was proposed on by its first code; answers the recovery codes, nil for any other code.
    ///
    /// `telling` has the event written and its owner told, before it is on.
    public func turnOn(
        _ typed: String, for user: UserID, telling: () async throws -> Void = {}
    ) async throws -> [RecoveryCode]? {
        guard try await authenticators.confirm(typed, for: user, telling: telling) else { return nil }
        return try await recoveryCodes.renew(for: user)
    }

    /// Switches the app off; false where none was on or proposed, or the account is frozen.
    ///
    /// `telling` has the event written and its owner told, before one is off that was on.
    public func turnOff(for user: UserID, telling: () async throws -> Void = {}) async throws -> Bool {
        try await authenticators.remove(for: user, telling: telling)
    }

    /// Has codes by mail asked for from now on; answers recovery codes, none where the account has some.
    ///
    /// Nil where the operator does not allow it, the address is not proven, or they are on already. `telling` has the event
    /// written and its owner told, before they are on.
    public func turnMailedCodesOn(
        for user: User, telling: () async throws -> Void = {}
    ) async throws -> [RecoveryCode]? {
        guard mailedCodes != nil, user.isEmailVerified, user.mailCodes == .off else { return nil }
        try await telling()
        guard try await users.changeMailCodes(of: user.id, from: .off, to: .on, at: clock.now) else { return nil }
        guard try await recoveryCodes.left(for: user.id) == 0 else { return [] }
        return try await recoveryCodes.renew(for: user.id)
    }

    /// Has no codes by mail asked for any more; false where none were.
    ///
    /// `telling` comes first.
    public func turnMailedCodesOff(
        for user: UserID, telling: () async throws -> Void = {}
    ) async throws -> Bool {
        guard let use = try await users.find(user)?.mailCodes, use != .off else { return false }
        try await telling()
        return try await users.changeMailCodes(of: user, from: use, to: .off, at: clock.now)
    }

    /// Orders a code for the person whose password waits at a place; nil where none does, or no code by mail is asked of
    /// the account.
    public func sendCode(at place: SignInPlace) async throws -> MailedCodes.Dispatch? {
        guard let waiting = try await waiting(at: place.purpose, in: place.browser),
            let (mailed, purpose) = try await codes(for: waiting)
        else { return nil }
        return try await mailed.send(to: waiting.user, at: place, for: purpose)
    }

    /// Keeps a proven password until the second factor comes; `place` names what the sign-in is for.
    public func wait(
        for user: UserID, by methods: [AuthenticationMethod] = [.password], provenAt moment: Timestamp,
        at place: TokenDigest, in browser: TokenDigest, as identity: TokenDigest? = nil, since begun: Timestamp? = nil
    ) async throws {
        try await firstFactors.note(
            FirstFactor(
                place: place, browser: browser, userID: user, methods: methods, provenAt: moment,
                expiresAt: (begun ?? moment) + SecondFactor.patience, identity: identity))
    }

    /// Whose password waits at a place, in that browser.
    public func waiting(at place: TokenDigest, in browser: TokenDigest) async throws -> Waiting? {
        guard let factor = try await firstFactors.find(place, at: clock.now), factor.browser == browser,
            let user = try await users.find(factor.userID)
        else { return nil }
        return Waiting(user: user, factor: factor)
    }

    /// What is asked of the person whose password waits at a place; nil where none does.
    public func waiting(at place: SignInPlace) async throws -> Ways? {
        guard let waiting = try await waiting(at: place.purpose, in: place.browser) else { return nil }
        return try await ways(of: waiting)
    }

    /// A password that waits.
    public struct Waiting: Sendable {
        /// Whose it is.
        public let user: User
        let factor: FirstFactor
        var methods: [AuthenticationMethod] { factor.methods }
    }

    /// Whether this proves what the person who waits is asked for; spends the code.
    func accept(_ typed: String, by way: Way, of waiting: Waiting, at place: SignInPlace) async throws -> Bool {
        guard way == .mail else { return try await accept(typed, by: way, for: waiting.user.id, at: place) }
        guard let (mailed, _) = try await codes(for: waiting) else { return false }
        return try await mailed.accept(typed, for: waiting.user.id, at: place)
    }

    /// Whether this proves the second factor; spends the code.
    ///
    /// A code by mail is good at the place that it was sent for.
    public func accept(
        _ typed: String, by way: Way, for user: UserID, at place: SignInPlace? = nil
    ) async throws -> Bool {
        switch way {
        case .app:
            return try await authenticators.accept(typed, for: user)
        case .recoveryCode:
            // Codes of an account that has no second factor any more are worth nothing.
            guard try await isOn(for: user), try await recoveryCodes.accept(typed, for: user) else { return false }
            // Something else than the mailbox was proven.
            _ = try await users.changeMailCodes(of: user, from: .afterRecovery, to: .on, at: clock.now)
            return true
        case .mail:
            guard let mailedCodes, let place, try await ways(of: user).mail == .on else { return false }
            return try await mailedCodes.accept(typed, for: user, at: place)
        }
    }

    /// Ends the waiting, so that a session may begin; false where another request was faster.
    public func finish(_ waiting: Waiting) async throws -> Bool {
        try await firstFactors.take(waiting.factor.place, provenAt: waiting.factor.provenAt, at: clock.now)
    }
}
