public import Mustache

/// Asks for e-mail address and password: OpenID Connect Core §3.1.2.3.
///
/// Posts `csrf`, `email`, `stay=yes` where the person wishes to stay signed in, and `password`, which is left out where the
/// address comes first; what a passkey posts, ``PasskeyForm`` says; or `choice=other` where a known person wants another
/// account.
public struct SignInPage: Page {
    /// Who is to sign in.
    public enum Account: Equatable, Sendable {
        /// Anyone; the e-mail address may be filled in from `login_hint` or the last attempt.
        case anyone(email: String)
        /// This person once more (`prompt=login`, `max_age`): the address is fixed.
        case known(email: String)

        /// The address; empty where nobody knows it yet.
        public var email: String {
            switch self {
            case .anyone(let email), .known(let email): email
            }
        }
    }

    /// Why the page is shown again.
    public enum Problem: Equatable, Sendable {
        /// Address or password is wrong: both look the same, so that nobody learns who has an account.
        case wrongCredentials
        /// The passkey proves nothing here: removed, of a closed account, or too late.
        case unknownPasskey
        /// Too many sign-ins at once: the password was not checked.
        case busy
        /// The directory of that name, which has the passwords of these addresses, does not answer.
        case directory(String)
        /// Too many attempts failed, at this account or from this network, whether or not there is such an account: the
        /// password was not checked.
        case tooMany(seconds: Int)
        /// The form's token was too old.
        case expiredForm
        /// The challenge was not met: the password was not checked.
        case challenge(ChallengeBox.Problem)
    }

    /// The page's template.
    public static let template = "sign-in"

    /// The client that asks, by its name for people.
    public let clientName: String?
    /// Who is to sign in.
    public let account: Account
    /// What went wrong before.
    public let problem: Problem?
    /// The token against forged posts.
    public let csrf: String
    /// Where the form is posted to.
    public let action: String
    /// A challenge in the form; nil for none.
    public let challenge: ChallengeBox?
    /// Where somebody who forgot the password asks for a new one; nil where nobody can.
    public let forgotURL: String?
    /// Where an account is made; nil where nobody can make one.
    public let signUpURL: String?
    /// How a passkey signs in; nil where none can.
    public let passkey: PasskeyForm?

    /// Other providers; empty where there are none.
    public let connectors: [ConnectorButton]
    /// What went wrong with one of them.
    public let connectorProblem: ConnectorProblem?
    /// The provider that is to open the account once its owner has signed in; nil where none is.
    public let linking: String?
    /// Whether the address is asked for alone, since it may say where its owner signs in.
    public let asksAddressFirst: Bool
    /// Whether the person is asked if they wish to stay signed in; only whoever is not yet.
    public let offersStaying: Bool
    /// Whether they have just said that they do.
    public let isStaying: Bool
    /// Where the password is asked for beside the address; nil for nowhere.
    public let passwordURL: String?

    /// A page; `clientName` is nil where no client asked.
    public init(
        clientName: String?, account: Account, problem: Problem? = nil, csrf: String, action: String,
        challenge: ChallengeBox? = nil, forgotURL: String? = nil, signUpURL: String? = nil,
        passkey: PasskeyForm? = nil, connectors: [ConnectorButton] = [], connectorProblem: ConnectorProblem? = nil,
        linking: String? = nil, asksAddressFirst: Bool = false, offersStaying: Bool = false,
        isStaying: Bool = false, passwordURL: String? = nil
    ) {
        self.clientName = clientName
        self.account = account
        self.problem = problem
        self.csrf = csrf
        self.action = action
        self.challenge = challenge
        self.forgotURL = forgotURL
        self.signUpURL = signUpURL
        self.passkey = passkey
        self.connectors = connectors
        self.connectorProblem = connectorProblem
        self.linking = linking
        self.asksAddressFirst = asksAddressFirst
        self.offersStaying = offersStaying
        self.isStaying = isStaying
        self.passwordURL = passwordURL
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        let (email, isKnown) =
            switch account {
            case .anyone(let email): (email, false)
            case .known(let email): (email, true)
            }
        var wait: Int?
        var early: Int?
        var obstacle: ChallengeBox.Problem?
        var directory: String?
        switch problem {
        case .tooMany(let seconds): wait = seconds
        case .directory(let name): directory = name
        case .challenge(let problem):
            obstacle = problem
            if case .tooEarly(let seconds) = problem { early = seconds }
        default: break
        }
        return [
            "clientName": .init(clientName),
            "email": .string(email),
            "known": .bool(isKnown),
            "focusEmail": .bool(email.isEmpty),
            "problem": .bool(problem != nil),
            "wrongCredentials": .bool(problem == .wrongCredentials),
            "unknownPasskey": .bool(problem == .unknownPasskey),
            "busy": .bool(problem == .busy),
            "directory": directory.map { ["name": .string($0)] } ?? .null,
            "tooMany": ShownWait.value(wait),
            "expiredForm": .bool(problem == .expiredForm),
            "csrf": .string(csrf),
            "action": .link(action),
            "challenge": challenge?.value ?? .null,
            "challengeFailed": .bool(obstacle == .failed),
            "challengeEarly": ShownWait.value(early),
            "challengeUnavailable": .bool(obstacle == .unavailable),
            "forgotURL": .link(forgotURL),
            "signUpURL": .link(signUpURL),
            "passkey": passkey?.value ?? .null,
            "connectors": .list(connectors.map { $0.value(offersStaying: offersStaying && !isKnown) }),
            "hasConnectors": .bool(!connectors.isEmpty),
            "connectorProblem": connectorProblem?.value ?? .null,
            "addressFirst": .bool(asksAddressFirst),
            "offersStaying": .bool(offersStaying && !isKnown),
            "staying": .bool(isStaying),
            "passwordURL": .link(asksAddressFirst ? passwordURL : nil),
            "linking": linking.map { ["name": .string($0)] } ?? .null,
        ]
    }

    /// A page with everything on it.
    public static var example: SignInPage {
        SignInPage(
            clientName: "Sundial Notes",
            account: .known(email: "mara.lindqvist@example.org"),
            problem: .tooMany(seconds: 240),
            csrf: "Yk3J0",
            action: "/interaction/8f2c1d",
            challenge: .work(token: "Yk3J0", text: "Yk3J0", bits: 14, rounds: 16, waitSeconds: 20),
            forgotURL: "/forgot-password",
            signUpURL: "/sign-up?interaction=8f2c1d",
            passkey: .example,
            connectors: ConnectorButton.examples,
            connectorProblem: .example,
            linking: "Google"
        )
    }
}
