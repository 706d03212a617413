/// Says of a password whether it may be chosen: long enough, on no list, hard to guess.
///
/// The one implementation of the verdict: pages ask it while somebody types, forms when they are sent.
public struct PasswordJudge: Sendable {
    /// What is asked of a password.
    public let rules: PasswordRules
    private let words: WordList
    private let breached: BreachedPasswords?
    private let service: BreachedRange?
    private let siteWords: [FoldedText]

    /// A judge.
    ///
    /// - Parameters:
    ///   - breached: the list of passwords that nobody may choose; nil where the operator wants none.
    ///   - service: who is asked besides; nil for nobody.
    ///   - siteWords: what the site is called: the host of the issuer, the operator's own words.
    public init(
        rules: PasswordRules = PasswordRules(), words: WordList, breached: BreachedPasswords?,
        service: BreachedRange? = nil, siteWords: [String] = []
    ) {
        self.rules = rules
        self.words = words
        self.breached = breached
        self.service = service
        self.siteWords = OwnWords.of(siteWords + [PasswordJudge.product])
    }

    private static let product = "martlet"

    /// The verdict, without asking anybody.
    ///
    /// The work is bounded whatever the text: see ``StrengthEstimate``.
    public func judge(_ text: String, of owner: PasswordOwner = PasswordOwner()) -> PasswordVerdict {
        let minimum = rules.minimumLength(owner.factors)
        guard let password = Password(text) else {
            return PasswordVerdict(
                score: 0, guesses: 0, refusal: text.isEmpty ? .tooShort : .tooLong, warning: nil, suggestions: [],
                minimumLength: minimum)
        }
        let estimate = StrengthEstimate(
            password.scalars, words: words, own: OwnWords.of([owner.name, owner.email]) + siteWords)
        var refusal: PasswordVerdict.Refusal?
        if password.scalars.count < minimum {
            refusal = .tooShort
        } else if estimate.score < rules.minimumScore {
            refusal = .tooWeak
        }
        let advice = estimate.advice
        let verdict = PasswordVerdict(
            score: estimate.score, guesses: estimate.guesses, refusal: refusal, warning: advice.warning,
            suggestions: advice.suggestions, minimumLength: minimum)
        // What is too short stays so, also where it is on a list.
        return breached?.contains(PasswordKey(password)) == true ? verdict.breached() : verdict
    }

    /// The verdict on a password that is about to be set: the service of the operator's choice is asked too.
    ///
    /// Whether or not that one answers, there is a verdict.
    public func judgeChosen(_ text: String, of owner: PasswordOwner = PasswordOwner()) async -> PasswordVerdict {
        let verdict = judge(text, of: owner)
        guard verdict.isAcceptable, let service, let password = Password(text) else { return verdict }
        return await service.contains(password) ? verdict.breached() : verdict
    }
}
