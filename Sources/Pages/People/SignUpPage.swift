public import Mustache

/// Asks for what an account is made of.
///
/// Posts `csrf`, `email`, `name`, `password`, `interaction` where a client waits, and `terms=accepted`.
public struct SignUpPage: Page {
    /// What is wrong with what was typed.
    public struct Problems: Equatable, Sendable {
        /// That cannot be an address.
        public var email = false
        /// There is no name, or it is too long.
        public var name = false
        /// Such a password may not be chosen.
        public var password = false
        /// The terms were not accepted.
        public var terms = false
        /// Too much was asked for from this network; the seconds to wait.
        public var tooMany: Int?
        /// Too many passwords are being hashed.
        public var busy = false
        /// The challenge was not met.
        public var challenge: ChallengeBox.Problem?

        /// Nothing is wrong.
        public init() {}

        /// Whether anything is wrong.
        public var isEmpty: Bool { self == Problems() }
    }

    /// The page's template.
    public static let template = "sign-up"

    /// The client that waits, by its name for people.
    public let clientName: String?
    /// The address as it was typed.
    public let email: String
    /// The name as it was typed.
    public let name: String
    /// What went wrong before.
    public let problems: Problems
    /// The terms to accept; nil where there are none.
    public let termsURL: String?
    /// The authorization request that waits, by its identifier; empty where none does.
    public let interaction: String
    /// Where somebody who has an account signs in; nil where no client waits.
    public let signInURL: String?
    /// The token against forged posts.
    public let csrf: String
    /// Where the form is posted to.
    public let action: String
    /// What is said of the password; nil where nobody judges it.
    public let advice: PasswordAdvice?
    /// A challenge in the form; nil for none.
    public let challenge: ChallengeBox?

    /// A page.
    public init(
        clientName: String?, email: String = "", name: String = "", problems: Problems = Problems(),
        termsURL: String?, interaction: String, signInURL: String?, csrf: String, action: String,
        advice: PasswordAdvice? = nil, challenge: ChallengeBox? = nil
    ) {
        self.clientName = clientName
        self.email = email
        self.name = name
        self.problems = problems
        self.termsURL = termsURL
        self.interaction = interaction
        self.signInURL = signInURL
        self.csrf = csrf
        self.action = action
        self.advice = advice
        self.challenge = challenge
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "clientName": .init(clientName),
            "email": .string(email),
            "name": .string(name),
            "problem": .bool(!problems.isEmpty),
            "invalidEmail": .bool(problems.email),
            "invalidName": .bool(problems.name),
            "unfitPassword": .bool(problems.password),
            "termsMissing": .bool(problems.terms),
            "tooMany": ShownWait.value(problems.tooMany),
            "busy": .bool(problems.busy),
            "termsURL": .link(termsURL),
            "interaction": .string(interaction),
            "signInURL": .link(signInURL),
            "csrf": .string(csrf),
            "action": .link(action),
            "advice": advice?.value ?? .null,
            "challenge": challenge?.value ?? .null,
            "challengeFailed": .bool(problems.challenge != nil),
        ]
    }

    /// A page with everything on it.
    public static var example: SignUpPage {
        var problems = Problems()
        problems.email = true
        problems.name = true
        problems.password = true
        problems.terms = true
        problems.tooMany = 240
        return SignUpPage(
            clientName: "Sundial Notes", email: "mara.lindqvist", name: "Mara Lindqvist", problems: problems,
            termsURL: "https://sundial.example/terms", interaction: "8f2c1d",
            signInURL: "/interaction/8f2c1d/sign-in", csrf: "Yk3J0", action: "/sign-up",
            advice: .example,
            challenge: .work(token: "Yk3J0", text: "Yk3J0", bits: 14, rounds: 16, waitSeconds: 20))
    }
}
