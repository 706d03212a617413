public import JOSE
public import OAuthTypes
public import Stores

/// Another address for an account, once a link or a code in a mail to it has proven it.
///
/// An address that has an account takes the same course to the one who types it; its owner gets another mail. Both
/// addresses are told, and the one before can take the change back for a week.
public struct EmailChange: Sendable {
    private let storage: Storage
    private let limits: MailLimits
    private let codes: MailCodes
    private let clock: any TimeSource
    private let random: any RandomSource
    private let wake: @Sendable () -> Void

    /// How long the address before can take the change back.
    public static let patience = Duration.seconds(7 * 86_400)

    /// What came of typing an address.
    public enum Request: Sendable, Equatable {
        /// A mail is on its way; the identifier of the page that waits for the code.
        case waiting(id: String)
        /// That cannot be an address.
        case invalidEmail
        /// The account has that address.
        case ownEmail
        /// Too much was asked for from this network; the time to wait.
        case limited(Duration)
    }

    /// What came of proving it.
    public enum Finished: Sendable, Equatable {
        /// The account has the address; as it is now.
        case changed(User)
        /// The code is another; so many guesses are left.
        case wrongCode(left: Int)
        /// No code works any more, but another mail may be asked for.
        case codeIsOver
        /// The link or code was used, replaced or came too late, the address has an account, or this one is frozen.
        case over
    }

    /// Changes over the stores; `wake` is called when a mail was ordered.
    public init(
        _ storage: Storage, limits: MailLimits, codes: MailCodes, clock: any TimeSource, random: any RandomSource,
        wake: @escaping @Sendable () -> Void
    ) {
        self.storage = storage
        self.limits = limits
        self.codes = codes
        self.clock = clock
        self.random = random
        self.wake = wake
    }

    /// Orders the mail to the new address, in the language of a tag.
    public func request(
        _ text: String, for user: User, from origin: SignInOrigin, language: String? = nil
    ) async throws -> Request {
        guard let email = Email(text) else { return .invalidEmail }
        guard email != user.email else { return .ownEmail }
        let verdict = try await limits.admit(email, for: .changeEmail, from: origin)
        if case .networkIsOver(let wait) = verdict { return .limited(wait) }
        let (id, now) = (Base64URL.encode(random.bytes(32)), clock.now)
        let proof = EmailProof(
            id: MailCodes.digest(of: id), purpose: .changeEmail, email: email, userID: user.id, name: "",
            passwordHash: nil, browser: nil, interaction: nil, link: nil, code: nil,
            // Also where no code is ever made: whoever types one sees no difference.
            codeExpiresAt: now + limits.rates.lifetimes.code,
            guesses: 0, mails: 1, createdAt: now, expiresAt: now + limits.rates.lifetimes.link)
        let mail = MailOrder(
            .changeEmail, to: email, proof: proof.id, language: language, at: now, random: random)
        // What was sent is enough; who asks learns nothing of it.
        try await storage.proofs.open(proof, ordering: verdict == .admitted ? mail : nil)
        wake()
        return .waiting(id: id)
    }

    /// The change that waits under an identifier for this person; nil where none does.
    public func waiting(_ id: String, for user: UserID) async throws -> EmailProof? {
        let proof = try await storage.proofs.find(MailCodes.digest(of: id), at: clock.now)
        guard let proof, proof.purpose == .changeEmail, proof.userID == user else { return nil }
        return proof
    }

    /// One more mail with a new code.
    public func resend(
        _ id: String, for user: UserID, from origin: SignInOrigin, language: String? = nil
    ) async throws -> MailLimits.Again {
        guard let proof = try await waiting(id, for: user) else { return .enough }
        if let wait = try await limits.admit(proof.email, for: .changeEmail, from: origin).wait {
            return .limited(wait)
        }
        let mail = MailOrder(
            .changeEmail, to: proof.email, proof: proof.id, language: language, at: clock.now, random: random)
        let isOrdered = try await storage.proofs.resend(
            proof.id, limit: limits.rates.perCode, at: clock.now, ordering: mail)
        guard isOrdered else { return .enough }
        wake()
        return .sent
    }

    /// Tries a code; the right one changes the address.
    public func finish(
        _ id: String, code: String, for user: User, language: String? = nil
    ) async throws -> Finished {
        guard let waiting = try await waiting(id, for: user.id) else { return .over }
        guard let proof = try await storage.proofs.guess(waiting.id, limit: limits.rates.guesses, at: clock.now) else {
            return .codeIsOver
        }
        let guess = codes.digest(ofCode: String(code.filter { !$0.isWhitespace }), for: proof.id)
        // The address of an account has a proof without a code: every guess is wrong.
        guard let right = proof.code, constantTimeEquals(right.bytes, guess.bytes) else {
            let left = limits.rates.guesses - proof.guesses
            return left > 0 ? .wrongCode(left: left) : .codeIsOver
        }
        return try await change(proof, of: user, language)
    }

    /// The proof that a link is for, which this spends nothing of; nil where the link does not work.
    public func proof(of link: String) async throws -> EmailProof? {
        let proof = try await storage.proofs.find(link: MailCodes.digest(of: link), at: clock.now)
        return proof?.purpose == .changeEmail ? proof : nil
    }

    /// Spends a link, for the person who asked and nobody else: who reads the mail of an address does not put it on a
    /// stranger's account by one click.
    public func finish(link: String, for user: User, language: String? = nil) async throws -> Finished {
        guard let proof = try await proof(of: link), proof.userID == user.id else { return .over }
        return try await change(proof, of: user, language)
    }

    private func change(_ proof: EmailProof, of user: User, _ language: String?) async throws -> Finished {
        // The address before has no account any more whose language could be looked up.
        let language = language ?? user.language
        let now = clock.now
        let recourse = Recourse(
            .restoreEmail, of: user, to: user.email, at: now, for: EmailChange.patience, random: random)
        let mails = [
            MailOrder(.emailChanged, to: user.email, proof: recourse.id, language: language, at: now, random: random),
            MailOrder(.emailTaken, to: proof.email, language: language, at: now, random: random),
        ]
        let isChanged = try await storage.proofs.changeEmail(
            by: proof.id, from: user.email, at: now, recourse: recourse, ordering: mails)
        guard isChanged, let changed = try await storage.users.find(user.id) else { return .over }
        wake()
        return .changed(changed)
    }
}
