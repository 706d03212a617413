import JOSE
public import OAuthTypes
public import Stores

/// Signing in by password, within the limits on guessing.
///
/// Known and unknown addresses are counted alike. Few failures lock the pair of account and network, many lock the account
/// for browsers that are not known: nobody locks a person out of the browsers that they use (ASVS 6.3.1).
public struct LimitedSignIn: Sendable {
    private let signIn: PasswordSignIn
    private let attempts: any SignInAttemptStore
    private let known: KnownBrowsers
    private let limits: SignInLimits
    private let clock: any TimeSource
    /// Nil where nobody is told that they are locked out.
    private let notices: AccountNotices?
    /// Fixed memory, shared by all copies, as the other rates are.
    private let rates: SignInRates
    /// Those of passkeys: they cost nobody a hash, and whoever posts rubbish in their place uses up nobody's passwords.
    private let keyRates: SignInRates
    /// Comparisons that one subscriber asks for, whatever comes of them: a right password costs as much as a wrong one.
    private let comparisons: RateLimiter?
    /// Requests to sign in that one subscriber has kept, each until it is answered or expires.
    private let requests: RateLimiter?

    /// What came of an attempt.
    public enum Outcome: Sendable, Equatable {
        /// The person is who they say.
        case signedIn(User)
        /// A directory says that they are; which account that opens, if any, is another question.
        case proven(ProvenIdentity)
        /// The password is another, or nobody has this address, or the account is closed.
        case refused
        /// Nothing was compared: too many attempts failed. After that time the next one is.
        case limited(Duration)
    }

    /// Sign-in within limits; `attempts` counts for all nodes, the rates are each node's own.
    ///
    /// `notices` tells who is locked out.
    public init(
        _ signIn: PasswordSignIn, attempts: any SignInAttemptStore, known: KnownBrowsers, limits: SignInLimits,
        clock: any TimeSource, telling notices: AccountNotices? = nil
    ) {
        self.signIn = signIn
        self.attempts = attempts
        self.known = known
        self.limits = limits
        self.clock = clock
        self.notices = notices
        rates = SignInRates(limits)
        keyRates = SignInRates(limits)
        comparisons = RateLimiter(perMinute: limits.comparisons ?? 10 * limits.perAddress)
        requests = RateLimiter(perMinute: limits.requests ?? 20 * limits.perAddress)
    }

    /// One attempt; throws where the pool is full or the store fails, and then it does not count.
    ///
    /// `isEnough` says whether nothing more is asked of the person: only then are earlier failures forgotten, so that
    /// nobody who knows the password gets new attempts at the second factor by it.
    public func authenticate(
        email: String, password: String, from origin: SignInOrigin,
        isEnough: (User) async throws -> Bool = { _ in true }
    ) async throws -> Outcome {
        try await authenticate(
            email: email, password: password, from: origin, asking: nil, isEnough: isEnough,
            isEnoughThere: { _ in true })
    }

    /// One attempt at a password of ours, or else of a directory; `isEnoughThere` is `isEnough` for whom that proves.
    ///
    /// Ours is compared first, and the directory is asked whoever has the address here: one that is down keeps nobody from
    /// a password of ours and is told none that is right here. Throws `PasswordsUnavailable` where it does not answer.
    ///
    /// Its silence is not the person's failure, and begins no lock that would outlast it. It was compared with ours
    /// nevertheless: so it counts in the rates, and while the directory is known to be silent a password of ours is guessed
    /// no more often than one lock of the account lets through. Whether there is one of ours makes no difference, or the
    /// counting would tell.
    public func authenticate(
        email: String, password: String, from origin: SignInOrigin, asking authority: (any PasswordAuthority)?,
        isEnough: (User) async throws -> Bool, isEnoughThere: (ProvenIdentity) async throws -> Bool
    ) async throws -> Outcome {
        if let wait = comparisons?.take(origin.subscriber, at: clock.now) { return .limited(wait) }
        var silence: PasswordsUnavailable?
        do {
            // By the one spelling that sign-in uses too.
            let address = Email(email)
            var isSilent = false
            if let authority, let address { isSilent = try await !authority.isAnswering(for: address) }
            let outcome = try await limited(
                address?.rawValue ?? email, origin, beside: [], at: .password, inSilence: isSilent
            ) {
                if let user = try await signIn.authenticate(email: email, password: password) {
                    return Result(outcome: .signedIn(user), isAll: try await isEnough(user))
                }
                guard let authority, let email = Email(email), let password = Password(password) else {
                    return Result(outcome: .refused, isAll: false)
                }
                do {
                    guard let person = try await authority.prove(email, password: password) else {
                        return Result(outcome: .refused, isAll: false)
                    }
                    return Result(outcome: .proven(person), isAll: try await isEnoughThere(person))
                } catch let error as PasswordsUnavailable {
                    silence = error
                    return Result(outcome: .refused, isAll: false, isSilent: !error.isOfOnePerson)
                }
            }
            // Nothing was compared.
            if case .limited = outcome { comparisons?.giveBack(origin.subscriber) }
            if case .refused = outcome, let silence { throw silence }
            return outcome
        } catch {
            // What was compared has cost what it costs.
            if silence == nil { comparisons?.giveBack(origin.subscriber) }
            throw error
        }
    }

    /// One attempt at the second factor of a person whose password is proven; it counts beside the passwords.
    ///
    /// It counts for the account alone as well: whoever knows the password could guess from many networks.
    public func prove(
        _ user: User, from origin: SignInOrigin, _ check: () async throws -> Bool
    ) async throws -> Outcome {
        let whole = Counted(limits.secondFactor, LimitedSignIn.key("second factor", [], user.id.rawValue))
        return try await limited(user.email.rawValue, origin, beside: [whole], at: .secondFactor) {
            let isProven = try await check()
            return Result(outcome: isProven ? .signedIn(user) : .refused, isAll: isProven)
        }
    }

    /// One attempt by a key, such as a passkey, that names the account itself.
    ///
    /// A signature is not guessed: it counts for where it comes from, and locks nobody's account.
    public func prove(from origin: SignInOrigin, _ check: () async throws -> User?) async throws -> Outcome {
        if let wait = keyRates.take(origin, at: clock.now) { return .limited(wait) }
        do {
            guard let user = try await check() else { return .refused }
            // Only failures use up the rates.
            keyRates.giveBack(origin)
            return .signedIn(user)
        } catch {
            keyRates.giveBack(origin)
            throw error
        }
    }

    /// Counts a request to sign in that is to be kept; the time to wait where there were too many from there.
    public func admitRequest(from origin: SignInOrigin) -> Duration? {
        requests?.take(origin.subscriber, at: clock.now)
    }

    private func limited(
        _ account: String, _ origin: SignInOrigin, beside others: [Counted], at proof: AccountNotices.FailedProof,
        inSilence isSilent: Bool = false, _ compare: () async throws -> Result
    ) async throws -> Outcome {
        func silent(_ kind: StaticString) -> [Counted] {
            guard isSilent else { return [] }
            return [Counted(limits.account, LimitedSignIn.key(kind, [], account), counting: .silence)]
        }
        if let number = try await browser(of: origin, knowing: account) {
            let browser = Counted(limits.lock, LimitedSignIn.key("browser", number, account))
            // Whoever had the password once may have collected any number of marks.
            let all = Counted(limits.account, LimitedSignIn.key("known browsers", [], account))
            let result = try await attempt([browser, all] + others + silent("known browsers in silence"), compare)
            if result.isSilent, !isSilent { await countSilence("known browsers in silence", account) }
            await tell(result, account, at: proof, from: origin)
            return result.outcome
        }
        if let wait = rates.take(origin, at: clock.now) { return .limited(wait) }
        do {
            let pair = Counted(limits.lock, LimitedSignIn.key("network", origin.network, account))
            let whole = Counted(limits.account, LimitedSignIn.key("account", [], account))
            let result = try await attempt([pair, whole] + others + silent("account in silence"), compare)
            if result.isSilent, !isSilent { await countSilence("account in silence", account) }
            // Only failures use up the rates; what hammers on a lock does, and then does not even reach the store.
            switch result.outcome {
            case .signedIn, .proven: rates.giveBack(origin)
            case .refused, .limited: break
            }
            await tell(result, account, at: proof, from: origin)
            return result.outcome
        } catch {
            rates.giveBack(origin)
            throw error
        }
    }

    /// Counts a comparison that found out that nobody answers.
    private func countSilence(_ kind: StaticString, _ account: String) async {
        guard let rule = limits.account else { return }
        _ = try? await attempts.begin(LimitedSignIn.key(kind, [], account), under: rule, at: clock.now)
    }

    /// The number of the browser where the account is signed in to, as far as that still counts.
    ///
    /// A directory knows people by several addresses: what the browser knows is the account, whichever was typed.
    private func browser(of origin: SignInOrigin, knowing account: String) async throws -> [UInt8]? {
        // Only for whoever was in the account is anything looked up.
        if known.hasSeen(account, by: origin.mark) {
            return known.number(of: origin.mark, knowing: account, since: try await signIn.signedOutAt(account))
        }
        guard let owner = known.owner(of: account, by: origin.mark),
            let address = try await signIn.address(of: owner, typedAs: account)
        else { return nil }
        return known.number(of: origin.mark, knowing: address, since: try await signIn.signedOutAt(address))
    }

    /// Forgets all failures at an account but those of single networks and browsers, for whoever has just set its password
    /// by its mail: others keep nobody out for good.
    public func forgive(_ user: User) async throws {
        for kind in ["account", "known browsers"] as [StaticString] {
            try await attempts.succeed(LimitedSignIn.key(kind, [], user.email.rawValue))
        }
    }

    /// Has the owner of an account told of the failure that locked it; the answer does not hang on that.
    private func tell(
        _ result: Result, _ account: String, at proof: AccountNotices.FailedProof, from origin: SignInOrigin
    ) async {
        guard result.hasLocked, let email = Email(account) else { return }
        try? await notices?.tellLockOut(email, at: proof, from: origin)
    }

    /// Whether this person has signed in before in the browser that it comes from, and since the moment when all their
    /// sessions were last ended at once, if they ever were.
    public func knows(_ user: User, from origin: SignInOrigin, since moment: Timestamp?) -> Bool {
        known.knows(user.email.rawValue, by: origin.mark, since: moment)
    }

    /// What a browser in which this person has signed in keeps from now on; `typed` is the address by which they did.
    public func mark(
        for user: User, from origin: SignInOrigin, since moment: Timestamp?, typed: Email? = nil
    ) -> String {
        let mark = known.mark(after: origin.mark, noting: user.email.rawValue, since: moment)
        guard let typed, typed != user.email else { return mark }
        return known.mark(after: mark, noting: typed.rawValue, asOneOf: user.id)
    }

    /// What came of a comparison, and whether it was the last: then failures before it are forgotten.
    private struct Result {
        let outcome: Outcome
        let isAll: Bool
        /// Whether it was the failure at which a lock begins.
        var hasLocked = false
        /// Whether nothing is known of the password, since whoever had to compare it gave no answer.
        var isSilent = false
    }

    /// What is counted under a key.
    private enum Subject {
        /// Passwords and codes that are not right.
        case failures
        /// Passwords of which nothing is known.
        case silence
    }

    /// One key under one rule; without a rule nothing is counted.
    private struct Counted {
        let rule: LockRule?
        let key: TokenDigest
        let subject: Subject

        init(_ rule: LockRule?, _ key: TokenDigest, counting subject: Subject = .failures) {
            (self.rule, self.key, self.subject) = (rule, key, subject)
        }
    }

    /// Counts under the first key, then under the others; what is counted already is taken back where it proves to be no
    /// failure.
    private func attempt(
        _ keys: some Collection<Counted>, _ compare: () async throws -> Result
    ) async throws -> Result {
        guard let first = keys.first else { return try await compare() }
        guard let rule = first.rule else { return try await attempt(keys.dropFirst(), compare) }
        switch try await attempts.begin(first.key, under: rule, at: clock.now) {
        case .locked(let end):
            return Result(outcome: .limited(max(.seconds(1), end - clock.now)), isAll: false)
        case .admitted(let failure):
            var result: Result
            do {
                result = try await attempt(keys.dropFirst(), compare)
            } catch {
                // Where the store fails it stays counted: rather one too many than one too few.
                try? await attempts.withdraw(first.key, failure: failure)
                throw error
            }
            switch result.outcome {
            case .signedIn where result.isAll, .proven where result.isAll: try await attempts.succeed(first.key)
            case .signedIn, .proven, .limited: try await attempts.withdraw(first.key, failure: failure)
            case .refused where result.isSilent != (first.subject == .silence):
                try await attempts.withdraw(first.key, failure: failure)
            // Nobody is told of a lock that only holds while nobody could sign in anyway.
            case .refused where first.subject == .silence: break
            case .refused: result.hasLocked = result.hasLocked || failure == rule.failures
            }
            return result
        }
    }

    private static func key(_ kind: StaticString, _ place: [UInt8], _ account: String) -> TokenDigest {
        var text = kind.withUTF8Buffer { Array($0) }
        text += [0, UInt8(truncatingIfNeeded: place.count)] + place
        // A SHA-256 digest has 32 bytes by its type.
        return TokenDigest(bytes: SHA256.digest(of: text + account.utf8).bytes)!
    }
}
