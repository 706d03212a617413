/// Something that costs a program more than a person: ASVS 2.4.1 and 6.3.1.
///
/// A page shows the form, its post carries the answer, and the answer is good once.
public protocol Challenge: Sendable {
    /// What a page shows; nothing is kept of it.
    func form(for occasion: ChallengeOccasion) -> ChallengeForm
    /// Whether an answer is right, for this occasion, the first time.
    func verify(_ answer: ChallengeAnswer, for occasion: ChallengeOccasion) async -> ChallengeVerdict
}

/// What a challenge is made for: an answer is good for nothing else, in no other browser.
public struct ChallengeOccasion: Sendable, Equatable {
    /// What somebody is about to do.
    public enum Purpose: String, Sendable, CaseIterable {
        /// Sign in with a password.
        case signIn = "sign-in"
        /// Make an account.
        case signUp = "sign-up"
        /// Ask for a mail, such as to reset a password.
        case mail
    }

    /// What somebody is about to do.
    public let purpose: Purpose
    /// What it is about, such as the interaction; may be empty.
    public let subject: String
    /// The browser's secret, as in its cookie.
    public let browser: String
    /// Where it comes from.
    public let origin: SignInOrigin

    /// An occasion.
    public init(_ purpose: Purpose, subject: String = "", browser: String, origin: SignInOrigin) {
        self.purpose = purpose
        self.subject = subject
        self.browser = browser
        self.origin = origin
    }
}

/// What a page needs to show a challenge.
public enum ChallengeForm: Sendable, Equatable {
    /// A puzzle that the page's script solves, or a wait without script.
    case work(WorkPuzzle)
    /// The widget of a provider.
    case widget(ChallengeProvider, siteKey: String)
}

/// What a form carried of a challenge.
public struct ChallengeAnswer: Sendable, Equatable {
    /// The fields that an answer is made of.
    public static let fields = ["challenge", "challenge-solution"] + ChallengeProvider.all.map(\.field)

    let values: [String: String]

    /// Picks the fields of an answer from a form.
    public init(_ field: (String) -> String?) {
        var values: [String: String] = [:]
        for name in ChallengeAnswer.fields { values[name] = field(name) }
        self.values = values
    }
}

/// What came of an answer.
public enum ChallengeVerdict: Sendable, Equatable {
    /// It was right.
    case passed
    /// There was none, or it was wrong, too old or used before.
    case failed
    /// Without script it takes a while: so much of it is left.
    case tooEarly(Duration)
    /// The provider could not be asked: nothing is known.
    case unavailable
}
