public import OAuthTypes

/// When failed attempts lock, and for how long.
public struct LockRule: Sendable, Equatable {
    /// The failure that locks first; at least 2.
    public let failures: Int
    /// How long the first lock holds, and by how much each further failure makes the next one longer.
    public let step: Duration
    /// The longest lock.
    public let longest: Duration
    /// After so long without an attempt all is forgotten; longer than any lock.
    public let memory: Duration

    /// A rule; what is out of bounds is taken to the nearest bound.
    public init(failures: Int, step: Duration, longest: Duration, memory: Duration) {
        self.failures = max(2, failures)
        self.step = step
        self.longest = max(step, longest)
        self.memory = max(memory, self.longest + .seconds(1))
    }
}

/// Whether an attempt may be made.
public enum AttemptVerdict: Sendable, Equatable {
    /// It may, and counts as the failure of that number until `succeed` or `withdraw` says otherwise.
    case admitted(failure: Int)
    /// It may not, before that moment.
    case locked(until: Timestamp)
}

/// Attempts to prove who one is, counted by whom they are made on and from where.
///
/// An attempt counts before it is made, so that of any number of attempts at the same time no more are made than the rule
/// allows (ASVS 6.3.1).
public protocol SignInAttemptStore: Sendable {
    /// Counts an attempt, unless the key is locked: then it neither counts nor makes the lock longer.
    func begin(_ key: TokenDigest, under rule: LockRule, at now: Timestamp) async throws -> AttemptVerdict
    /// Takes back an attempt that was not made after all; one that others followed stays.
    func withdraw(_ key: TokenDigest, failure: Int) async throws
    /// Forgets the key.
    func succeed(_ key: TokenDigest) async throws
    /// Deletes what is forgotten by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
