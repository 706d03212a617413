public import OAuthTypes
public import Stores

/// Signing in step by step, the same for our pages and for clients that sign people in themselves: password, second
/// factor, session.
public struct SignInCourse: Sendable {
    /// Passwords, within the limits on guessing.
    public let signIn: LimitedSignIn
    /// What is proven besides a password.
    public let secondFactor: SecondFactor
    /// What is as good as both; nil where none can be used.
    public let passkeys: Passkeys?
    /// What begins at the end.
    public let sessions: Sessions
    let audit: AuditTrail
    private let notices: AccountNotices
    private let deletion: AccountDeletion
    let users: any UserStore
    /// Who compares passwords beside us; nil where nobody does.
    public let directories: (any PasswordAuthority)?
    /// Whose account somebody opens whom they prove.
    private let links: LinkedAccounts?

    /// A course over the parts that each step is made of.
    public init(
        signIn: LimitedSignIn, secondFactor: SecondFactor, passkeys: Passkeys?, sessions: Sessions,
        audit: AuditTrail, notices: AccountNotices, deletion: AccountDeletion, users: any UserStore,
        directories: (any PasswordAuthority)? = nil, links: LinkedAccounts? = nil
    ) {
        self.signIn = signIn
        self.secondFactor = secondFactor
        self.passkeys = passkeys
        self.sessions = sessions
        self.audit = audit
        self.notices = notices
        self.deletion = deletion
        self.users = users
        self.directories = directories
        self.links = links
    }

    /// A session that has just begun.
    public struct Start: Sendable {
        /// The secret of its cookie.
        public let secret: String
        /// The session.
        public let session: Session
        /// Who is signed in.
        public let user: User
        /// When the account is deleted, if its owner does not keep it; nil where it is not to be.
        public let leavesAt: Timestamp?
        /// What the browser keeps, so that guesses elsewhere do not lock it out.
        public internal(set) var known: String
        /// What the cookie of a browser holds that is remembered from now on.
        public var device: String?
        /// How many recovery codes are left, where one was used.
        public var recoveryCodesLeft: Int?
        /// Whether the person at a connector who waited for this proof was dealt with.
        public var isLinkSettled = false
        /// Who has waited for the second factor, where a connector proved the first (`PendingIdentity.digest`).
        public internal(set) var identity: TokenDigest?
    }

    /// What came of a step.
    public enum Outcome: Sendable {
        /// It was the last one.
        case signedIn(Start)
        /// The password was right and waits.
        case secondFactorIsDue
        /// It is another password or code, nobody has this address, or the account is closed.
        case refused
        /// Nothing was compared: too many attempts failed. After that time the next one is.
        case limited(Duration)
        /// No password waits here, or no more.
        case gone
        /// A directory proves the person, and their address has an account that another way in has to open first.
        case proofNeeded(ProvenIdentity, User)
        /// A directory proves the person, who gets in nevertheless not.
        case notAdmitted(ProvenIdentity, LinkedAccounts.Refusal)
    }

    /// Compares a password; throws where the pool is full or the store fails, and then the attempt does not count.
    ///
    /// Throws `PasswordsUnavailable` where a directory would have to say, and does not. `wait` keeps whom a directory proved
    /// until the second factor comes, and answers by what they are found.
    public func takePassword(
        email: String, password: String, at place: SignInPlace,
        waiting wait: (ProvenIdentity, User) async throws -> TokenDigest? = { _, _ in nil }
    ) async throws -> Outcome {
        let begun = sessions.now
        var isAll = false
        let outcome: LimitedSignIn.Outcome
        do {
            outcome = try await signIn.authenticate(
                email: email, password: password, from: place.origin, asking: links == nil ? nil : directories,
                isEnough: { user in
                    isAll = try await isEnough(user.id, place)
                    return isAll
                },
                isEnoughThere: { identity in
                    guard let id = try await links?.account(of: identity), let user = try await users.find(id),
                        let typed = Email(email)
                    else { return false }
                    // What opens another account than the one that has the address forgets no failures of that one.
                    if user.email != typed, try await users.find(typed) != nil { return false }
                    return try await isEnough(id, place)
                })
        } catch let error as PasswordsUnavailable {
            // No failure of whoever typed it: nothing is known of the password.
            audit.noteLater(
                .directorySilent, .refused, email: email, with: place.client, from: place.audit,
                details: ["connector": error.connector.rawValue, "reason": error.reason])
            throw error
        }
        switch outcome {
        case .proven(let identity):
            guard let links else { return .refused }
            var place = place
            // Who is dismissed there must not stay in here for weeks: nobody asks a directory again.
            place.isStaying = false
            place.inheritsStaying = false
            place.typed = Email(email)
            switch try await takeIdentity(identity, by: links, at: place, waiting: { try await wait(identity, $0) }) {
            case .step(.signedIn(let start)):
                // The link may have been taken away meanwhile, or the directory out of use: whoever ends its people's
                // sessions looks for them after that.
                if try await links.isInUse(identity.connector),
                    try await links.isLinked(identity.connector, identity.subject, to: start.user)
                {
                    return .signedIn(start)
                }
                try await sessions.end(start.session)
                return .refused
            case .step(let step): return step
            case .proofNeeded(let user): return .proofNeeded(identity, user)
            case .refused(let refusal): return .notAdmitted(identity, refusal)
            }
        case .refused:
            audit.noteLater(.signIn, .refused, email: email, with: place.client, from: place.audit)
            return .refused
        case .limited(let wait):
            audit.noteLater(.signIn, .limited, email: email, with: place.client, from: place.audit)
            return .limited(wait)
        case .signedIn(let user):
            guard isAll else {
                try await secondFactor.wait(
                    for: user.id, provenAt: begun, at: place.purpose, in: place.browser)
                try await audit.note(.passwordProven, of: user.id, with: place.client, from: place.audit)
                _ = try await secondFactor.sendCode(at: place)
                return .secondFactorIsDue
            }
            let start = try await start(user, by: [.password], provenAt: begun, place)
            try await audit.note(.signIn, of: user.id, with: place.client, from: place.audit)
            return .signedIn(start)
        }
    }

    /// Compares the code of the person whose password waits at a place.
    public func takeSecondFactor(
        _ code: String, by way: SecondFactor.Way, remembering: Bool = false, at place: SignInPlace
    ) async throws -> Outcome {
        let methods = way == .mail ? MailedCodes.methodsOfCode : SecondFactor.methodsOfCode
        var left: Int?
        var isFactor = false
        let outcome = try await takeSecondFactor(named: way.rawValue, proving: methods, at: place) { waiting in
            isFactor = try await !secondFactor.ways(of: waiting).isForFreshness
            guard try await secondFactor.accept(code, by: way, of: waiting, at: place) else { return false }
            guard way == .recoveryCode else { return true }
            let user = waiting.user
            // Before there is a session: nobody comes in by a code of which its owner does not hear.
            try await audit.note(.recoveryCodeUsed, of: user.id, with: place.client, from: place.audit)
            left = try await secondFactor.recoveryCodes.left(for: user.id)
            try await notices.tell(
                .recoveryCodeUsed(left: left ?? 0), user, language: user.language ?? place.language)
            return true
        }
        guard case .signedIn(var start) = outcome else { return outcome }
        let user = start.user
        start.recoveryCodesLeft = left
        // A code that only shows that somebody is there makes no browser one that needs no second factor.
        if remembering, isFactor, way != .recoveryCode {
            start.device = try await secondFactor.devices.remember(for: user.id, on: place.traits, after: place.device)
            try await audit.note(.deviceRemembered, of: user.id, with: place.client, from: place.audit)
        }
        return .signedIn(start)
    }

    /// Takes a passkey of the person whose password waits at a place; `browser` is the secret of its cookie.
    public func takeSecondFactor(
        _ answer: Passkeys.Answer, in browser: String, at place: SignInPlace
    ) async throws -> Outcome {
        try await takeSecondFactor(named: "passkey", proving: Passkeys.methods, at: place) { waiting in
            try await passkeys?.accept(answer, for: waiting.user.id, at: place.purpose, in: browser, from: place.audit)
                ?? false
        }
    }

    private func takeSecondFactor(
        named name: String, proving methods: [AuthenticationMethod], at place: SignInPlace,
        _ accept: (SecondFactor.Waiting) async throws -> Bool
    ) async throws -> Outcome {
        let begun = sessions.now
        guard let waiting = try await secondFactor.waiting(at: place.purpose, in: place.browser) else { return .gone }
        let user = waiting.user
        switch try await signIn.prove(user, from: place.origin, { try await accept(waiting) }) {
        case .refused, .proven:
            audit.noteLater(.secondFactor, .refused, of: user.id, with: place.client, from: place.audit)
            return .refused
        case .limited(let wait):
            audit.noteLater(.secondFactor, .limited, of: user.id, with: place.client, from: place.audit)
            return .limited(wait)
        case .signedIn:
            guard try await secondFactor.finish(waiting) else { return .gone }
            // A code makes no old proof of a provider a new one where the account has a way in of its own to prove it by.
            var moment = begun
            if waiting.factor.identity != nil, try await !secondFactor.isOpenedElsewhere(user) {
                moment = min(begun, waiting.factor.provenAt)
            }
            var place = place
            // Whatever the browser keeps of a wish.
            if let digest = waiting.factor.identity, try await links?.isOfDirectory(digest) ?? true {
                place.isStaying = false
                place.inheritsStaying = false
            }
            var start = try await start(
                user, by: waiting.methods + methods.filter { !waiting.methods.contains($0) }, provenAt: moment, place)
            start.identity = waiting.factor.identity
            try await audit.note(
                .signIn, of: user.id, with: place.client, from: place.audit, details: ["second_factor": name])
            return .signedIn(start)
        }
    }

    /// Takes a passkey in place of address and password; `browser` is the secret of its cookie.
    public func takePasskey(
        _ answer: Passkeys.Answer, in browser: String, at place: SignInPlace
    ) async throws -> Outcome {
        let begun = sessions.now
        switch try await signIn.prove(
            from: place.origin, { try await passkeys?.signIn(answer, in: browser, from: place.audit) })
        {
        case .refused, .proven:
            audit.noteLater(.signIn, .refused, with: place.client, from: place.audit)
            return .refused
        case .limited(let wait):
            audit.noteLater(.signIn, .limited, with: place.client, from: place.audit)
            return .limited(wait)
        case .signedIn(let user):
            let start = try await start(user, by: Passkeys.methods, provenAt: begun, place)
            try await audit.note(
                .signIn, of: user.id, with: place.client, from: place.audit, details: ["first_factor": "passkey"])
            return .signedIn(start)
        }
    }

    /// Signs in who has just made an account, where its password was typed.
    public func enter(_ user: User, at place: SignInPlace) async throws -> Start {
        // Nobody has to be told: the account is this browser's own.
        try await start(user, by: [.password], provenAt: sessions.now, place, telling: false)
    }

    func start(
        _ user: User, by methods: [AuthenticationMethod], provenAt moment: Timestamp, _ place: SignInPlace,
        telling: Bool = true
    ) async throws -> Start {
        let ended = try await users.signedOutAt(user.id)
        // First, so that nobody is signed in whom the owner does not hear of.
        if telling, !signIn.knows(user, from: place.origin, since: ended) {
            // In the language of the sign-in before: this one may be a stranger's.
            try await notices.tell(.newDevice(place.traits), user, language: user.language ?? place.language)
        }
        let (secret, session) = try await sessions.start(
            for: user.id, by: methods, provenAt: moment, replacing: place.session, on: place.traits,
            known: place.audience, isStaying: place.isStaying, inheritingStay: place.inheritsStaying)
        if let tag = place.language, tag != user.language {
            // Whoever proved who they are is signed in, also while the store takes no such note.
            try? await users.setLanguage(tag, of: user.id)
        }
        return Start(
            secret: secret, session: session, user: user, leavesAt: try await deletion.moment(for: user.id),
            known: signIn.mark(for: user, from: place.origin, since: ended, typed: place.typed))
    }

    /// The same start, of which the browser also keeps by which address a directory knew the person, whose second factor
    /// came later.
    public func noting(_ typed: Email?, in start: Start, from origin: SignInOrigin) async throws -> Start {
        guard let typed else { return start }
        var start = start
        start.known = signIn.mark(
            for: start.user, from: origin, since: try await users.signedOutAt(start.user.id), typed: typed)
        return start
    }

    /// Whether the first factor is all that is asked of the person in this browser.
    func isEnough(_ user: UserID, _ place: SignInPlace) async throws -> Bool {
        guard try await secondFactor.isOn(for: user) else { return true }
        guard let device = place.device else { return false }
        return try await secondFactor.devices.knows(device, for: user)
    }
}
