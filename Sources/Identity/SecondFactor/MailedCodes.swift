public import JOSE
public import OAuthTypes
public import Stores

/// Codes by mail after the right password: the weakest second factor, only where the operator allows it.
///
/// They are asked of accounts that have no app and no passkey, so that they never stand in for anything stronger. Whoever
/// reads the mail can set the password too: after that a code by mail is no second proof, and a recovery code is asked for
/// once (`MailCodeUse.afterRecovery`).
public struct MailedCodes: Sendable {
    private let storage: Storage
    private let codes: MailCodes
    private let limits: MailLimits
    private let clock: any TimeSource
    private let random: any RandomSource
    private let wake: @Sendable () -> Void

    /// What such a code adds to what it comes after (`amr`, RFC 8176 §2): a code over another channel, and
    /// deliberately not more than one factor (NIST SP 800-63B §3.1.3.1 takes no code by mail for one).
    static let methodsOfCode: [AuthenticationMethod] = [.oneTimePassword, .multipleChannels]

    /// What a code is asked for.
    enum Purpose: String, Sendable {
        case secondFactor
        /// In place of a provider's old word; the word in the order of its mail.
        case freshness
    }

    /// What came of asking for a code.
    public enum Dispatch: Sendable, Equatable {
        /// It is on its way.
        case sent
        /// There were too many; after that time there may be one more.
        case limited(Duration)
        /// There were enough for one sign-in: whoever got none of them begins anew.
        case enough
    }

    /// Codes over the stores; `wake` is called when a mail was ordered.
    public init(
        _ storage: Storage, codes: MailCodes, clock: any TimeSource, random: any RandomSource,
        rates: MailRates = MailRates(), wake: @escaping @Sendable () -> Void
    ) {
        self.storage = storage
        self.codes = codes
        self.clock = clock
        self.random = random
        self.wake = wake
        limits = MailLimits(storage.attempts, clock: clock, rates: rates)
    }

    /// Orders a code for the person whose password waits at a place; the one before works no more.
    func send(to user: User, at place: SignInPlace, for purpose: Purpose = .secondFactor) async throws -> Dispatch {
        // Whoever has the password shall not fill the box of its owner with it.
        if let wait = try await limits.admit(user.email, for: .secondFactor).wait { return .limited(wait) }
        let (id, now) = (MailedCodes.proof(of: user.id, at: place), clock.now)
        let mail = MailOrder(
            .signInCode, to: user.email, proof: id, details: purpose == .freshness ? [purpose.rawValue] : [],
            language: place.language, at: now, random: random)
        if try await storage.proofs.find(id, at: now) != nil {
            guard try await storage.proofs.resend(id, limit: limits.rates.perCode, at: now, ordering: mail) else {
                return .enough
            }
        } else {
            let proof = EmailProof(
                id: id, purpose: .secondFactor, email: user.email, userID: user.id, name: "", passwordHash: nil,
                browser: place.browser, interaction: nil, link: nil, code: nil, codeExpiresAt: nil, guesses: 0,
                mails: 1,
                createdAt: now, expiresAt: now + SecondFactor.patience)
            try await storage.proofs.open(proof, ordering: mail)
        }
        wake()
        return .sent
    }

    /// Whether this is the newest code that was sent to the person for a place; spends it.
    func accept(_ typed: String, for user: UserID, at place: SignInPlace) async throws -> Bool {
        let id = MailedCodes.proof(of: user, at: place)
        guard let proof = try await storage.proofs.guess(id, limit: limits.rates.guesses, at: clock.now),
            let right = proof.code
        else { return false }
        let guess = codes.digest(ofCode: String(typed.filter { !$0.isWhitespace }), for: id)
        guard constantTimeEquals(right.bytes, guess.bytes) else { return false }
        return try await storage.proofs.spend(id, code: right, at: clock.now)
    }

    /// One sign-in of one person in one browser has one code at a time.
    private static func proof(of user: UserID, at place: SignInPlace) -> TokenDigest {
        let text =
            Array("second factor by mail ".utf8) + place.purpose.bytes + place.browser.bytes
            + Array(user.rawValue.utf8)
        return TokenDigest(bytes: SHA256.digest(of: text).bytes)!  // a SHA-256 digest has 32 bytes by its type
    }
}
