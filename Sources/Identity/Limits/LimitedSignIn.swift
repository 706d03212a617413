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
    public func authenticate(email: String, password: String, from origin: SignInOrigin) async throws -> Outcome {
        if let wait = takeRates(origin) { return .limited(wait) }
        do {
            guard let lock else { return finish(try await compare(email, password), origin) }
            let key = LimitedSignIn.key(email, origin)
            switch try await attempts.begin(key, under: lock, at: clock.now) {
            case .locked(let end):
                // What hammers on a lock uses up its rates, and then does not even reach the store.
                return .limited(max(.seconds(1), end - clock.now))
            case .admitted(let failure):
                return finish(try await counted(key, failure) { try await compare(email, password) }, origin)
            }
        } catch {
            giveBackRates(origin)
            throw error
        }
    }

    private func compare(_ email: String, _ password: String) async throws -> Outcome {
        try await signIn.authenticate(email: email, password: password).map(Outcome.signedIn) ?? .refused
    }

    /// What is counted already, until it proves to be no failure.
    private func counted(
        _ key: TokenDigest, _ failure: Int, _ attempt: () async throws -> Outcome
    ) async throws -> Outcome {
        let outcome: Outcome
        do {
            outcome = try await attempt()
        } catch {
            // Where the store fails it stays counted: rather one too many than one too few.
            try? await attempts.withdraw(key, failure: failure)
            throw error
        }
        if outcome != .refused { try await attempts.succeed(key) }
        return outcome
    }

    /// Only failures use up the rates.
    private func finish(_ outcome: Outcome, _ origin: SignInOrigin) -> Outcome {
        if outcome != .refused { giveBackRates(origin) }
        return outcome
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

    /// The pair of account, by the one spelling that sign-in uses too, and network.
    private static func key(_ email: String, _ origin: SignInOrigin) -> TokenDigest {
        let account = Email(email)?.rawValue ?? email
        let text = Array("sign-in ".utf8) + [UInt8(truncatingIfNeeded: origin.network.count)] + origin.network
        // A SHA-256 digest has 32 bytes by its type.
        return TokenDigest(bytes: SHA256.digest(of: text + account.utf8).bytes)!
    }
}
