public import JOSE
public import OAuthTypes

/// The challenge that needs nobody else: a puzzle that costs a browser a moment, and a flood as many moments.
///
/// Nothing is stored when one is given out: the token carries its time and difficulty under a code that covers purpose
/// and browser too. Spent ones are remembered until they are too old. Each node remembers its own, so with several nodes
/// a solution may be taken once by each.
///
/// Without script a form is taken after a wait that our own clock measures; how often that is done from one address is
/// limited, for waiting costs a program nothing.
public struct ProofOfWork: Challenge {
    /// How hard it is and how long it holds.
    public struct Cost: Sendable, Equatable {
        /// Zero bits of a round, up to 24.
        public var bits = 14
        /// Rounds, up to 64.
        public var rounds = 16
        /// How long a browser without script waits.
        public var wait = Duration.seconds(20)
        /// How long the page may stay open.
        public var lifetime = Duration.seconds(900)

        /// A quarter of a million hashes, 20 seconds, a quarter of an hour.
        public init() {}
    }

    private let mac: HMACSHA256
    private let clock: any TimeSource
    private let random: any RandomSource
    private let cost: Cost
    private let spent: SpentPuzzles
    private let waits: RateLimiter?

    /// Puzzles under a subkey of the master key, so that any node can check them.
    ///
    /// `waits` are the forms taken a minute from one address without a solution: at least 1, so that nobody without
    /// JavaScript is kept out.
    public init(
        _ masterKey: MasterKey, cost: Cost = Cost(), waits: Int = 6, clock: any TimeSource, random: any RandomSource
    ) {
        mac = HMACSHA256(key: masterKey.subkey(purpose: "challenges"))
        self.clock = clock
        self.random = random
        self.cost = cost
        // What was given out before the start may have been spent before it.
        spent = SpentPuzzles(after: clock.now - .microseconds(1))
        self.waits = RateLimiter(perMinute: max(1, waits))
    }

    /// A new puzzle.
    public func form(for occasion: ChallengeOccasion) -> ChallengeForm { form(for: occasion, .regular) }

    /// Whether the puzzle stands for itself or for a provider that did not answer.
    enum Part: UInt8 {
        case regular, substitute
    }

    func form(for occasion: ChallengeOccasion, _ part: Part) -> ChallengeForm { .work(puzzle(for: occasion, part)) }

    func puzzle(for occasion: ChallengeOccasion, _ part: Part) -> WorkPuzzle {
        let token = WorkToken(
            nonce: random.bytes(WorkToken.nonceLength), issuedAt: clock.now, bits: UInt8(clamping: min(cost.bits, 24)),
            rounds: UInt8(clamping: min(cost.rounds, 64)))
        return puzzle(token, signed(token, occasion, part))
    }

    /// Whether the answer solves a puzzle of ours, or the wait is over.
    public func verify(_ answer: ChallengeAnswer, for occasion: ChallengeOccasion) async -> ChallengeVerdict {
        verify(answer, for: occasion, .regular)
    }

    func verify(_ answer: ChallengeAnswer, for occasion: ChallengeOccasion, _ part: Part) -> ChallengeVerdict {
        guard let text = answer.values["challenge"], let (token, code) = WorkToken.read(text),
            mac.isValid(code.span, for: message(token, occasion, part).span)
        else { return .failed }
        let now = clock.now
        guard now < token.issuedAt + cost.lifetime else { return .failed }
        let solution = answer.values["challenge-solution"] ?? ""
        if solution.isEmpty {
            let left = cost.wait - (now - token.issuedAt)
            guard left <= .zero else { return .tooEarly(left) }
            guard !spent.holds(token) else { return .failed }
            if let wait = waits?.take(occasion.origin.subscriber, at: now) { return .tooEarly(wait) }
        } else {
            guard puzzle(token, text).isSolved(by: solution) else { return .failed }
        }
        return spent.spend(token, at: now, lifetime: cost.lifetime) ? .passed : .failed
    }

    /// The same puzzle once more, for a page that is shown again before the wait is over; nil where it is none of ours.
    func again(_ answer: ChallengeAnswer, for occasion: ChallengeOccasion, _ part: Part) -> ChallengeForm? {
        guard let text = answer.values["challenge"], let (token, code) = WorkToken.read(text),
            mac.isValid(code.span, for: message(token, occasion, part).span), !spent.holds(token),
            clock.now < token.issuedAt + cost.lifetime
        else { return nil }
        return .work(puzzle(token, text))
    }

    private func puzzle(_ token: WorkToken, _ text: String) -> WorkPuzzle {
        WorkPuzzle(
            token: text, text: Base64URL.encode(token.nonce), bits: Int(token.bits), rounds: Int(token.rounds),
            waitSeconds: Int(clamping: cost.wait.components.seconds))
    }

    private func signed(_ token: WorkToken, _ occasion: ChallengeOccasion, _ part: Part) -> String {
        Base64URL.encode(token.bytes + mac.authenticate(message(token, occasion, part)).bytes)
    }

    private func message(_ token: WorkToken, _ occasion: ChallengeOccasion, _ part: Part) -> [UInt8] {
        // The token has a fixed length and the purposes no zero byte: no two occasions give the same message.
        token.bytes + [part.rawValue] + Array(occasion.purpose.rawValue.utf8) + [0]
            + SHA256.digest(of: occasion.browser).bytes + Array(occasion.subject.utf8)
    }
}

/// What a puzzle's token says.
struct WorkToken: Sendable, Equatable {
    static let nonceLength = 16
    private static let length = nonceLength + 10

    let nonce: [UInt8]
    let issuedAt: Timestamp
    let bits: UInt8
    let rounds: UInt8

    var bytes: [UInt8] {
        let time = UInt64(bitPattern: issuedAt.microseconds)
        return nonce + stride(from: UInt64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: time >> $0) }
            + [bits, rounds]
    }

    /// The token and the code behind it; nil where the text is no token.
    static func read(_ text: String) -> (token: WorkToken, code: [UInt8])? {
        guard text.utf8.count <= 128, let bytes = Base64URL.decode(text), bytes.count == length + SHA256Digest.count
        else { return nil }
        let time = bytes[nonceLength..<(nonceLength + 8)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let token = WorkToken(
            nonce: Array(bytes[..<nonceLength]), issuedAt: Timestamp(microseconds: Int64(bitPattern: time)),
            bits: bytes[nonceLength + 8], rounds: bytes[nonceLength + 9])
        return (token, Array(bytes[length...]))
    }
}
