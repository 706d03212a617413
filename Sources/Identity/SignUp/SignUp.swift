public import JOSE
public import OAuthTypes
public import Stores

/// Making an account: what was typed waits until the address is proven, by a code or a link in the same mail.
///
/// An address that has an account takes the same course to the one who types it; its owner gets another mail.
public struct SignUp: Sendable {
    let storage: Storage
    let accounts: Accounts
    let limits: MailLimits
    let codes: MailCodes
    let clock: any TimeSource
    let random: any RandomSource
    let wake: @Sendable () -> Void
    /// What one subscriber may type: to judge a password is work too.
    ///
    /// Fixed memory, shared by all copies.
    private let rate: RateLimiter?

    /// How long an address waits for its proof, and how long its codes and links work.
    public var lifetimes: MailLifetimes { limits.rates.lifetimes }

    /// What is wrong with what was typed.
    public struct Problems: Sendable, Equatable {
        /// That cannot be an address.
        public var email = false
        /// Over 200 characters, or empty.
        public var name = false
        /// Such a password may not be chosen.
        public var password = false

        /// Whether there is none.
        public var isEmpty: Bool { self == Problems() }
    }

    /// What came of typing address, name and password.
    public enum Begun: Sendable, Equatable {
        /// A mail is on its way; the identifier of the page that waits for the code.
        case waiting(id: String)
        /// Something cannot be used.
        case refused(Problems)
        /// Too much was asked for from this network; the time to wait.
        case limited(Duration)
    }

    /// What came of proving the address.
    public enum Finished: Sendable, Equatable {
        /// The account is there; the authorization request that waits for the person, if any.
        case created(User, interaction: String?)
        /// The code is another; so many guesses are left.
        case wrongCode(left: Int)
        /// No code works any more, but another mail may be asked for.
        case codeIsOver
        /// Such a name or password cannot be used; the link still works.
        case refused(Problems)
        /// The link or the sign-up was used, replaced or came too late, or the address has an account meanwhile.
        case over
    }

    /// Sign-up over the stores; `wake` is called when a mail was ordered.
    public init(
        _ storage: Storage, accounts: Accounts, limits: MailLimits, codes: MailCodes, clock: any TimeSource,
        random: any RandomSource, rates: RequestRates = RequestRates(), wake: @escaping @Sendable () -> Void
    ) {
        self.storage = storage
        self.accounts = accounts
        self.limits = limits
        self.codes = codes
        self.clock = clock
        self.random = random
        self.wake = wake
        rate = RateLimiter(perMinute: rates.passwordChecks)
    }

    /// Takes what was typed in a browser, by the secret of its cookie, and orders the mail, in the language of a
    /// tag.
    public func begin(
        email text: String, name: String, password: String, browser: String, interaction: String?,
        from origin: SignInOrigin, language: String? = nil
    ) async throws -> Begun {
        if let wait = rate?.take(origin.subscriber, at: clock.now) { return .limited(wait) }
        var problems = Problems()
        let email = Email(text)
        problems.email = email == nil
        problems.name = name.isEmpty || !Accounts.isFit(name: name)
        let owner = PasswordOwner(name: name, email: text)
        problems.password = !accounts.seemsFit(password: password, of: owner)
        guard problems.isEmpty, let email else { return .refused(problems) }
        let verdict = try await limits.admit(email, for: .signUp, from: origin)
        if case .networkIsOver(let wait) = verdict { return .limited(wait) }
        // Behind the limits: nobody has others asked as often as they please.
        problems.password = await !accounts.isFit(password: password, of: owner)
        guard problems.isEmpty else { return .refused(problems) }
        let hash = try await accounts.hash(chosen: password)

        let id = Base64URL.encode(random.bytes(32))
        let proof = EmailProof(
            waitingFor: .signUp, email, name: name, passwordHash: hash, id: id, browser: browser,
            interaction: interaction, at: clock.now, lifetime: lifetimes.link, codeLifetime: lifetimes.code)
        let mail = MailOrder(.signUp, to: email, proof: proof.id, language: language, at: clock.now, random: random)
        try await storage.proofs.open(proof, ordering: verdict == .admitted ? mail : nil)
        wake()
        return .waiting(id: id)
    }

    /// The sign-up that waits under an identifier in this browser; nil where none does.
    public func waiting(_ id: String, browser: String) async throws -> EmailProof? {
        let proof = try await storage.proofs.find(MailCodes.digest(of: id), at: clock.now)
        guard let proof, proof.purpose == .signUp, proof.browser == MailCodes.digest(of: browser) else { return nil }
        return proof
    }

    /// The proof that a link is for, which this spends nothing of; nil where the link does not work.
    public func proof(of link: String, for purpose: EmailProof.Purpose) async throws -> EmailProof? {
        let proof = try await storage.proofs.find(link: MailCodes.digest(of: link), at: clock.now)
        return proof?.purpose == purpose ? proof : nil
    }

    /// Whether that is the browser in which the sign-up was typed.
    ///
    /// In any other one the password has to be chosen anew: somebody else may have typed the address of the reader, and
    /// would know the password of the reader's account.
    public func isTyped(in browser: String?, _ proof: EmailProof) -> Bool {
        guard let browser else { return false }
        return proof.browser == MailCodes.digest(of: browser)
    }

    /// One more mail with a new code, in the language of a tag.
    public func resend(
        _ id: String, browser: String, from origin: SignInOrigin, language: String? = nil
    ) async throws -> MailLimits.Again {
        guard let proof = try await waiting(id, browser: browser) else { return .enough }
        if let wait = try await limits.admit(proof.email, for: .signUp, from: origin).wait { return .limited(wait) }
        let mail = MailOrder(
            .signUp, to: proof.email, proof: proof.id, language: language, at: clock.now, random: random)
        let isOrdered = try await storage.proofs.resend(
            proof.id, limit: limits.rates.perCode, at: clock.now, ordering: mail)
        guard isOrdered else { return .enough }
        wake()
        return .sent
    }

    /// Tries a code; the right one makes the account, of somebody who reads the language of a tag.
    public func finish(
        _ id: String, code: String, browser: String, language: String? = nil
    ) async throws -> Finished {
        guard let waiting = try await waiting(id, browser: browser) else { return .over }
        guard let proof = try await storage.proofs.guess(waiting.id, limit: limits.rates.guesses, at: clock.now) else {
            return .codeIsOver
        }
        let digits = String(code.filter { !$0.isWhitespace })
        let guess = codes.digest(ofCode: digits, for: proof.id)
        // The address of an account has a proof without a code: every guess is wrong.
        guard let right = proof.code, constantTimeEquals(right.bytes, guess.bytes) else {
            let left = limits.rates.guesses - proof.guesses
            return left > 0 ? .wrongCode(left: left) : .codeIsOver
        }
        return try await create(proof, name: proof.name, passwordHash: proof.passwordHash, language)
    }

    /// Spends a link; outside of the browser of the sign-up, and after an invitation, with a name and a password.
    public func finish(
        link: String, for purpose: EmailProof.Purpose, browser: String?, name: String?, password: String?,
        language: String? = nil
    ) async throws -> Finished {
        guard let proof = try await proof(of: link, for: purpose) else { return .over }
        if purpose == .signUp, isTyped(in: browser, proof) {
            return try await create(proof, name: proof.name, passwordHash: proof.passwordHash, language)
        }
        // Nobody has passwords hashed for an account that cannot be made; who holds the link reads the address's mail.
        guard try await storage.users.find(proof.email) == nil else { return .over }
        let chosen = name ?? proof.name
        var problems = Problems()
        problems.name = chosen.isEmpty || !Accounts.isFit(name: chosen)
        let owner = PasswordOwner(name: chosen, email: proof.email.rawValue)
        problems.password = await !accounts.isFit(password: password ?? "", of: owner)
        guard problems.isEmpty else { return .refused(problems) }
        return try await create(proof, name: chosen, passwordHash: accounts.hash(chosen: password ?? ""), language)
    }

    private func create(
        _ proof: EmailProof, name: String, passwordHash: String?, _ language: String?
    ) async throws -> Finished {
        let user = accounts.make(
            email: proof.email, name: name, isVerified: true, passwordHash: passwordHash, language: language)
        guard try await storage.proofs.createAccount(user, by: proof.id, at: clock.now) else { return .over }
        return .created(user, interaction: proof.interaction)
    }
}

extension EmailProof {
    /// A proof whose link and code are made when its mail is sent.
    init(
        waitingFor purpose: Purpose, _ email: Email, name: String, passwordHash: String?, id: String,
        browser: String?, interaction: String?, at now: Timestamp, lifetime: Duration,
        codeLifetime: Duration? = nil
    ) {
        self.init(
            id: MailCodes.digest(of: id), purpose: purpose, email: email, userID: nil, name: name,
            passwordHash: passwordHash, browser: browser.map(MailCodes.digest), interaction: interaction, link: nil,
            code: nil,
            // Also where no code is ever made: whoever types one sees no difference.
            codeExpiresAt: codeLifetime.map { now + $0 },
            guesses: 0, mails: 1, createdAt: now, expiresAt: now + lifetime)
    }
}
