import JOSE
public import OAuthTypes
public import Stores

/// Signing in by password, within the limits on guessing.
///
/// Known and unknown addresses are counted alike. A lock holds for the pair of account and network, so that nobody locks
/// a person out from elsewhere (ASVS 6.3.1).
public struct LimitedSignIn: Sendable {
    private let signIn: PasswordSignIn
    private let attempts: any SignInAttemptStore
    private let lock: LockRule?
    private let clock: any TimeSource
    /// Fixed memory, shared by all copies.
    private let addresses: RateLimiter?
    private let networks: RateLimiter?

    /// What came of an attempt.
    public enum Outcome: Sendable, Equatable {
        /// The person is who they say.
        case signedIn(User)
        /// The password is another, or nobody has this address, or the account is closed.
        case refused
        /// Nothing was compared: too many attempts failed. After that time the next one is.
        case limited(Duration)
    }

    /// Sign-in within limits; `attempts` counts for all nodes, the rates are each node's own.
    public init(
        _ signIn: PasswordSignIn, attempts: any SignInAttemptStore, limits: SignInLimits, clock: any TimeSource
    ) {
        self.signIn = signIn
        self.attempts = attempts
        self.clock = clock
        lock = limits.lock
        addresses = RateLimiter(perMinute: limits.perAddress)
        networks = RateLimiter(perMinute: limits.perNetwork)
    }

    /// One attempt; throws where the pool is full or the store fails, and then it does not count.
    ///
    /// `isEnough` says whether nothing more is asked of the person: only then are earlier failures forgotten, so that
    /// nobody who knows the password gets new attempts at the second factor by it.
    public func authenticate(
        email: String, password: String, from origin: SignInOrigin,
        isEnough: (User) async throws -> Bool = { _ in true }
    ) async throws -> Outcome {
        try await limited(origin) {
            try await counted(LimitedSignIn.key(email, origin), under: lock) {
                guard let user = try await signIn.authenticate(email: email, password: password) else {
                    return Attempt(outcome: .refused, forgetsFailures: false)
                }
                return Attempt(outcome: .signedIn(user), forgetsFailures: try await isEnough(user))
            }
        }
    }

    /// One attempt at the second factor of a person whose password is proven; counts beside the passwords.
    ///
    /// It counts for the account alone as well: whoever knows the password could guess from many networks.
    public func prove(
        _ user: User, from origin: SignInOrigin, _ check: () async throws -> Bool
    ) async throws -> Outcome {
        try await limited(origin) {
            try await counted(LimitedSignIn.key(of: user.id), under: lock?.forWholeAccount) {
                let outcome = try await counted(LimitedSignIn.key(user.email.rawValue, origin), under: lock) {
                    let isProven = try await check()
                    return Attempt(outcome: isProven ? .signedIn(user) : .refused, forgetsFailures: isProven)
                }
                return Attempt(outcome: outcome, forgetsFailures: outcome == .signedIn(user))
            }
        }
    }

    /// What came of an attempt, and whether the failures before it are forgotten.
    private struct Attempt {
        let outcome: Outcome
        let forgetsFailures: Bool
    }

    /// Only failures use up the rates.
    private func limited(_ origin: SignInOrigin, _ attempt: () async throws -> Outcome) async throws -> Outcome {
        if let wait = takeRates(origin) { return .limited(wait) }
        do {
            let outcome = try await attempt()
            // What hammers on a lock uses up its rates, and then does not even reach the store.
            if case .signedIn = outcome { giveBackRates(origin) }
            return outcome
        } catch {
            giveBackRates(origin)
            throw error
        }
    }

    /// Counts an attempt before it is made, until it proves to be no failure.
    private func counted(
        _ key: TokenDigest, under rule: LockRule?, _ attempt: () async throws -> Attempt
    ) async throws -> Outcome {
        guard let rule else { return try await attempt().outcome }
        switch try await attempts.begin(key, under: rule, at: clock.now) {
        case .locked(let end):
            return .limited(max(.seconds(1), end - clock.now))
        case .admitted(let failure):
            let made: Attempt
            do {
                made = try await attempt()
            } catch {
                // Where the store fails it stays counted: rather one too many than one too few.
                try? await attempts.withdraw(key, failure: failure)
                throw error
            }
            if made.forgetsFailures {
                try await attempts.succeed(key)
            } else if made.outcome != .refused {
                try await attempts.withdraw(key, failure: failure)
            }
            return made.outcome
        }
    }

    private func takeRates(_ origin: SignInOrigin) -> Duration? {
        let now = clock.now
        if let wait = addresses?.take(origin.subscriber, at: now) { return wait }
        guard let wait = networks?.take(origin.network, at: now) else { return nil }
        addresses?.giveBack(origin.subscriber)
        return wait
    }

    private func giveBackRates(_ origin: SignInOrigin) {
        addresses?.giveBack(origin.subscriber)
        networks?.giveBack(origin.network)
    }

    private static func key(of user: UserID) -> TokenDigest {
        // A SHA-256 digest has 32 bytes by its type.
        TokenDigest(bytes: SHA256.digest(of: "second factor \(user.rawValue)").bytes)!
    }

    /// The pair of account, by the one spelling that sign-in uses too, and network.
    private static func key(_ email: String, _ origin: SignInOrigin) -> TokenDigest {
        let account = Email(email)?.rawValue ?? email
        let text = Array("sign-in ".utf8) + [UInt8(truncatingIfNeeded: origin.network.count)] + origin.network
        // A SHA-256 digest has 32 bytes by its type.
        return TokenDigest(bytes: SHA256.digest(of: text + account.utf8).bytes)!
    }
}
