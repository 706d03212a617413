import JOSE
public import OAuthTypes

/// Decides when a challenge is shown, and whether its answer lets somebody on.
///
/// Where a provider does not answer, the page shows the built-in puzzle in its place: an outage keeps nobody out, and who
/// brings one about still has to work.
public struct ChallengeGate: Sendable {
    /// When a challenge is shown.
    public enum Mode: String, Sendable, CaseIterable {
        /// Never.
        case never
        /// After some failures from an address or at an account.
        case adaptive
        /// Every time.
        case always
    }

    private let mode: Mode
    private let challenge: any Challenge
    private let work: ProofOfWork
    private let clock: any TimeSource
    /// Shared by all copies, in fixed memory.
    private let addresses: RateLimiter?
    private let accounts: RateLimiter?

    /// A gate; `challenge` is nil for the built-in one.
    ///
    /// So many failures, each forgotten after five minutes, bring a challenge: at least 1.
    public init(
        _ mode: Mode, _ challenge: (any Challenge)? = nil, after failures: Int = 3, work: ProofOfWork,
        clock: any TimeSource
    ) {
        self.mode = mode
        self.challenge = challenge ?? work
        self.work = work
        self.clock = clock
        let (count, period) = (max(1, failures), Duration.seconds(300 * max(1, failures)))
        addresses = RateLimiter(count, per: period)
        accounts = RateLimiter(count, per: period)
    }

    /// Whether a challenge is to be shown; `account` is the address that was typed, whether or not anybody has it.
    public func isWanted(for occasion: ChallengeOccasion, account: String) -> Bool {
        switch mode {
        case .never: false
        case .always: true
        case .adaptive:
            addresses?.isFull(ChallengeGate.key(occasion), at: clock.now) == true
                || accounts?.isFull(ChallengeGate.key(occasion, account), at: clock.now) == true
        }
    }

    /// Counts what makes a challenge more likely: a wrong password, or one more account, one more mail.
    public func note(_ occasion: ChallengeOccasion, account: String) {
        guard mode == .adaptive else { return }
        _ = addresses?.take(ChallengeGate.key(occasion), at: clock.now)
        if !account.isEmpty { _ = accounts?.take(ChallengeGate.key(occasion, account), at: clock.now) }
    }

    private static func key(_ occasion: ChallengeOccasion) -> [UInt8] {
        Array(occasion.purpose.rawValue.utf8) + [0] + occasion.origin.subscriber
    }

    private static func key(_ occasion: ChallengeOccasion, _ account: String) -> [UInt8] {
        let account = Email(account)?.rawValue ?? account
        return Array(occasion.purpose.rawValue.utf8) + [1] + SHA256.digest(of: account).bytes
    }

    /// What a page shows; `answer` and `verdict` are those of the form before, where there was one.
    public func form(
        for occasion: ChallengeOccasion, after answer: ChallengeAnswer? = nil, _ verdict: ChallengeVerdict? = nil
    ) -> ChallengeForm {
        switch verdict {
        case .unavailable: return work.form(for: occasion, .substitute)
        case .tooEarly:
            // The same puzzle: with a new one the wait would begin again.
            if let answer {
                for part in [ProofOfWork.Part.regular, .substitute] {
                    if let form = work.again(answer, for: occasion, part) { return form }
                }
            }
            return challenge.form(for: occasion)
        case .passed, .failed, nil: return challenge.form(for: occasion)
        }
    }

    /// The puzzle of an app, which cannot show a provider's widget: always the built-in one.
    public func puzzle(for occasion: ChallengeOccasion) -> WorkPuzzle {
        work.puzzle(for: occasion, challenge is ProofOfWork ? .regular : .substitute)
    }

    /// Whether an answer lets somebody on; each does once.
    public func verify(_ answer: ChallengeAnswer, for occasion: ChallengeOccasion) async -> ChallengeVerdict {
        // A puzzle in a provider's place says so under our code: nobody can choose the easier way.
        if !(challenge is ProofOfWork), answer.values["challenge"] != nil {
            return work.verify(answer, for: occasion, .substitute)
        }
        return await challenge.verify(answer, for: occasion)
    }
}
