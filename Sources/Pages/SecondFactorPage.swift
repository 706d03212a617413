public import Mustache

/// Asks for the second factor after the right password: a code of the authenticator app, a passkey, a code by mail, or a
/// recovery code.
///
/// Posts `csrf`, `way` (`app`, `mail` or `recovery`), `code`, and `remember=yes` where the browser is to be remembered;
/// `way=send` asks for another mail. What a passkey posts, ``PasskeyForm`` says.
public struct SecondFactorPage: Page {
    /// What is asked for.
    public enum Way: Equatable, Sendable {
        /// A code of the app: RFC 6238.
        case app
        /// A passkey, where there is no app.
        case passkey
        /// A code by mail, where there is neither.
        case mail
        /// A recovery code.
        case recoveryCode
    }

    /// What a recovery code may be left for.
    public enum Alternative: Equatable, Sendable {
        /// A code of the app.
        case app
        /// A passkey.
        case passkey
        /// A code by mail.
        case mail
        /// Nothing, since the password was set by whoever reads the same mail.
        case none
    }

    /// Why the page is shown again.
    public enum Problem: Equatable, Sendable {
        /// The code is wrong, was used before, or came too late.
        case wrongCode
        /// The passkey proves nothing for this account, or the answer came too late.
        case unknownPasskey
        /// Too many attempts failed: the code was not checked.
        case tooMany(seconds: Int)
        /// No further mail is sent before so many seconds; nil where no wait helps.
        case tooManyMails(seconds: Int?)
    }

    /// The page's template.
    public static let template = "second-factor"

    /// The client that asks, by its name for people; nil where the account pages are the goal.
    public let clientName: String?
    /// Whose password was right.
    public let accountEmail: String
    /// What is asked for.
    public let way: Way
    /// What went wrong before.
    public let problem: Problem?
    /// Whether the person may have this browser remembered.
    public let mayRemember: Bool
    /// The same page with the other way; nil where there is none.
    public let otherWayURL: String?
    /// Where signing in begins anew.
    public let restartURL: String
    /// What a recovery code may be left for.
    public let alternative: Alternative
    /// Whether another mail was just sent.
    public let isSentAgain: Bool
    /// Whether the code by mail is fresh proof in place of a provider's old word, and no second factor.
    public let isForFreshness: Bool
    /// How a passkey is the second factor; nil where there is none.
    public let passkey: PasskeyForm?
    /// The token against forged posts.
    public let csrf: String
    /// Where the form is posted to.
    public let action: String

    /// A page.
    public init(
        clientName: String?, accountEmail: String, way: Way, problem: Problem? = nil, mayRemember: Bool,
        otherWayURL: String?, restartURL: String, alternative: Alternative = .app, isSentAgain: Bool = false,
        isForFreshness: Bool = false, passkey: PasskeyForm? = nil, csrf: String, action: String
    ) {
        self.clientName = clientName
        self.accountEmail = accountEmail
        self.way = way
        self.problem = problem
        self.mayRemember = mayRemember
        self.otherWayURL = otherWayURL
        self.restartURL = restartURL
        self.alternative = alternative
        self.isSentAgain = isSentAgain
        self.isForFreshness = isForFreshness
        self.passkey = passkey
        self.csrf = csrf
        self.action = action
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        var wait: Int?
        if case .tooMany(let seconds) = problem { wait = seconds }
        var mails: MustacheValue = .null
        if case .tooManyMails(let seconds) = problem { mails = ["wait": ShownWait.value(seconds)] }
        return [
            "clientName": .init(clientName),
            "accountEmail": .string(accountEmail),
            "app": .bool(way == .app),
            "recovery": .bool(way == .recoveryCode),
            "passkeyOnly": .bool(way == .passkey),
            "mail": .bool(way == .mail),
            "typed": .bool(way != .passkey),
            "hasOtherWay": .bool(otherWayURL != nil && (way != .recoveryCode || alternative != .none)),
            "needsRecovery": .bool(way == .recoveryCode && alternative == .none),
            "toApp": .bool(alternative == .app),
            "toPasskey": .bool(alternative == .passkey),
            "toMail": .bool(alternative == .mail),
            "sentAgain": .bool(isSentAgain),
            "freshness": .bool(isForFreshness),
            "tooManyMails": mails,
            "passkey": passkey?.value ?? .null,
            "unknownPasskey": .bool(problem == .unknownPasskey),
            "problem": .bool(problem != nil),
            "wrongCode": .bool(problem == .wrongCode),
            "tooMany": ShownWait.value(wait),
            "mayRemember": .bool(mayRemember),
            "otherWayURL": .link(otherWayURL),
            "restartURL": .link(restartURL),
            "csrf": .string(csrf),
            "action": .link(action),
        ]
    }

    /// A page with everything on it.
    public static var example: SecondFactorPage {
        SecondFactorPage(
            clientName: "Sundial Notes", accountEmail: "mara.lindqvist@example.org", way: .app,
            problem: .tooMany(seconds: 240),
            mayRemember: true, otherWayURL: "/interaction/8f2c1d/second-factor?with=recovery",
            restartURL: "/interaction/8f2c1d/sign-in", passkey: .example, csrf: "Yk3J0",
            action: "/interaction/8f2c1d/second-factor")
    }
}
