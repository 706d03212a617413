import AuthorizationServer
import Federation
import HTTP
import Identity
import OAuthTypes
import Pages
import Reactor
import Stores

/// The forms of signing in, the same for clients' requests and for the account pages: password, then second factor; or a
/// passkey, which is both.
struct SignInForms: Sendable {
    let course: SignInCourse
    let cookies: BrowserCookies
    let links: LinkedAccounts
    let federation: Site.FederationParts?
    let users: any UserStore
    private let upstreamSessions: any UpstreamSessionStore

    var secondFactor: SecondFactor { course.secondFactor }

    init(_ parts: Site.Parts) {
        course = SignInCourse(parts)
        cookies = BrowserCookies(parts.environment.issuer)
        links = LinkedAccounts(parts)
        federation = parts.federation
        users = parts.environment.storage.users
        upstreamSessions = parts.environment.storage.upstreamSessions
    }

    typealias Start = SignInCourse.Start

    enum PasswordOutcome: Sendable {
        case signedIn(Start)
        case secondFactorIsDue
        case refused(Refusal<SignInPage.Problem>)
    }

    enum PasskeyOutcome: Sendable {
        case signedIn(Start)
        case refused(Refusal<SignInPage.Problem>)
    }

    enum SecondFactorOutcome: Sendable {
        case signedIn(Start)
        /// No password waits here any more.
        case gone
        /// Another code is on its way.
        case sentAgain
        case refused(Refusal<SecondFactorPage.Problem>)
    }

    /// Why the form is shown again.
    struct Refusal<Problem: Sendable>: Sendable {
        let problem: Problem
        let status: Status
        let retryAfter: String?
        let outcome: RequestOutcome.SignIn

        func mark(_ response: Response) -> Response {
            var response = response
            if let retryAfter { response.headers.set("Retry-After", retryAfter) }
            return response.noting(.signIn(outcome))
        }
    }

    /// Whether a browser that is remembered needs no second factor.
    enum DeviceTrust {
        case remembered, nobody
    }

    /// Compares a password; `purpose` is what the sign-in is for, and keeps a right one for the second factor.
    ///
    /// `client` is the one that asks, if any does.
    func takePassword(
        _ form: FormParameters, _ visitor: Visitor, at purpose: TokenDigest, trusting trust: DeviceTrust,
        in language: String, for client: ClientID? = nil
    ) async throws -> PasswordOutcome {
        let outcome: SignInCourse.Outcome
        do {
            outcome = try await course.takePassword(
                email: form[Parameter("email")] ?? "", password: form[Parameter("password")] ?? "",
                at: visitor.place(purpose, trusting: trust, in: language, for: client))
        } catch is WorkerPoolError {
            return .refused(
                Refusal(
                    problem: .busy, status: .serviceUnavailable, retryAfter: Failure.retryAfter, outcome: .busy))
        }
        switch outcome {
        case .signedIn(let start): return .signedIn(try await settle(start, visitor))
        case .secondFactorIsDue: return .secondFactorIsDue
        case .limited(let wait): return .refused(.limited(wait) { .tooMany(seconds: $0) })
        case .refused, .gone: return .refused(.refused(.wrongCredentials))
        }
    }

    /// Compares the second factor of the person whose password waits.
    func takeSecondFactor(
        _ form: FormParameters, _ visitor: Visitor, at purpose: TokenDigest, in language: String,
        for client: ClientID? = nil
    ) async throws -> SecondFactorOutcome {
        let place = visitor.place(purpose, trusting: .remembered, in: language, for: client)
        if form[Parameter("way")] == SignInForms.sending {
            switch try await secondFactor.sendCode(at: place) {
            case .sent?: return .sentAgain
            case .tooMany?:
                return .refused(
                    Refusal(
                        problem: .tooManyMails, status: .tooManyRequests, retryAfter: nil, outcome: .limited))
            case nil: return .gone
            }
        }
        let answer = Passkeys.Answer(form)
        let outcome =
            if let answer {
                try await course.takeSecondFactor(answer, in: visitor.browser.secret ?? "", at: place)
            } else {
                try await course.takeSecondFactor(
                    form[Parameter("code")] ?? "",
                    by: form[Parameter("way")].flatMap { SecondFactor.Way(rawValue: $0) } ?? .app,
                    remembering: form[Parameter("remember")] == "yes", at: place)
            }
        switch outcome {
        case .signedIn(let start): return .signedIn(try await settle(start, visitor))
        case .gone, .secondFactorIsDue: return .gone
        case .limited(let wait): return .refused(.limited(wait) { .tooMany(seconds: $0) })
        case .refused: return .refused(.refused(answer == nil ? .wrongCode : .unknownPasskey))
        }
    }

    /// Takes a passkey in place of address and password; nil where the form has none.
    func takePasskey(
        _ form: FormParameters, _ visitor: Visitor, in language: String, for client: ClientID? = nil
    ) async throws -> PasskeyOutcome? {
        guard let answer = Passkeys.Answer(form) else { return nil }
        // Nothing waits for it, so it is for nothing.
        let place = visitor.place(TokenDigest(of: ""), trusting: .nobody, in: language, for: client)
        switch try await course.takePasskey(answer, in: visitor.browser.secret ?? "", at: place) {
        case .signedIn(let start): return .signedIn(try await settle(start, visitor))
        case .limited(let wait): return .refused(.limited(wait) { .tooMany(seconds: $0) })
        case .refused, .gone, .secondFactorIsDue: return .refused(.refused(.unknownPasskey))
        }
    }

    /// What a form posts as its way that asks for another mail.
    private static let sending = "send"

    /// Takes a person whom a connector has proven.
    func takeIdentity(
        _ identity: UpstreamIdentity, _ proven: ProvenIdentity, _ visitor: Visitor, at place: SignInPlace
    ) async throws -> SignInCourse.IdentityOutcome {
        let outcome = try await course.takeIdentity(proven, by: links, at: place)
        guard case .step(.signedIn(let start)) = outcome else { return outcome }
        try await note(identity, of: start.session)
        // This one may be the way in by which somebody proves that the account is theirs, for another to be linked.
        return .step(.signedIn(try await settle(start, visitor, openedBy: identity)))
    }

    /// By which connector a session began: the provider may end it, and be told of its end.
    private func note(_ identity: UpstreamIdentity, of session: Session) async throws {
        guard let federation else { return }
        try await upstreamSessions.note(try federation.federation.record(identity, of: session))
    }

    /// Whom a person at a connector must prove to be, what people call the connector, and by which others the account can
    /// be opened; nil where nobody waits.
    func linking(_ visitor: Visitor) async throws -> (email: String, name: String, connectors: Set<String>)? {
        guard let (pending, upstream) = try await pendingLink(visitor), !pending.isLinked,
            let user = try await users.find(pending.userID), user.disabledAt == nil
        else { return nil }
        let connectors = try await links.list(of: user.id).map(\.connector.rawValue)
        return (user.email.rawValue, upstream.connector.name, Set(connectors))
    }

    private func pendingLink(_ visitor: Visitor) async throws -> (PendingLink, Upstream)? {
        guard let federation, let text = visitor.linkSecret,
            let pending = federation.federation.pendingLink(text, in: visitor.browserDigest),
            let upstream = try await federation.federation.find(pending.identity.connector)
        else { return nil }
        return (pending, upstream)
    }

    /// Links the person at a connector who waits in this browser to the account that was just proven to be theirs.
    ///
    /// `identity` is by which connector the session has begun, if by any: the record of that stays.
    private func settle(
        _ start: Start, _ visitor: Visitor, openedBy identity: UpstreamIdentity? = nil
    ) async throws -> Start {
        guard let federation, let (pending, upstream) = try await pendingLink(visitor), pending.userID == start.user.id
        else { return start }
        let isLinked: Bool
        if pending.isLinked {
            // Nothing is linked anew: its owner may have taken the link away meanwhile.
            isLinked = try await links.isLinked(pending.identity.connector, pending.identity.subject, to: start.user)
        } else {
            let proven = ProvenIdentity(pending.identity, at: upstream, federation.signUpMode)
            isLinked = try await links.link(proven, to: start.user, from: visitor.auditOrigin) == .linked
        }
        if isLinked, identity == nil { try await note(pending.identity, of: start.session) }
        var start = start
        start.isLinkSettled = true
        return start
    }

    /// What the page of the second factor may ask of somebody whose password waits.
    func ways(
        of user: UserID, at purpose: SignInPurpose, _ visitor: Visitor, _ environment: ServerEnvironment
    ) async throws -> SecondFactorWays {
        let ways = try await secondFactor.ways(of: user)
        guard course.passkeys != nil, ways.passkey else { return SecondFactorWays(ways, passkey: nil) }
        let form = PasskeyRoutes.secondFactorForm(
            environment, place: purpose.name, browser: visitor.browser.secret ?? "")
        return SecondFactorWays(ways, passkey: form)
    }

    /// Offers to keep the account that is to be deleted; `interaction` waits meanwhile, empty where none does.
    func leavingPage(
        _ start: Start, at moment: Timestamp, _ interaction: String, continuing path: String, _ visitor: Visitor,
        _ environment: ServerEnvironment
    ) -> LeavingPage {
        let root = environment.issuer.path
        return LeavingPage(
            email: start.user.email.rawValue, moment: ShownMoment(seconds: moment.seconds), interaction: interaction,
            continueURL: root + path,
            csrf: environment.formTokens.token(
                for: AccountRoutes.purpose(start.session), browser: visitor.browser.secret ?? ""),
            action: root + AccountPlace.stay)
    }

    /// Hands the cookies of a new session to the browser.
    func mark(_ response: Response, with start: Start) -> Response {
        var response = response
        response.setCookie(cookies.session(start.secret))
        response.setCookie(cookies.known(start.known))
        if let device = start.device { response.setCookie(cookies.device(device)) }
        if start.isLinkSettled { response.setCookie(cookies.noLink) }
        return response.noting(.signIn(.succeeded))
    }
}

/// What the page of the second factor asks for, and what else it may offer.
struct SecondFactorWays: Sendable {
    let ways: SecondFactor.Ways
    /// Nil where no passkey can be used.
    let passkey: PasskeyForm?

    init(_ ways: SecondFactor.Ways, passkey: PasskeyForm?) { (self.ways, self.passkey) = (ways, passkey) }

    /// What is asked for first: a code of the app where there is one, and recovery codes where nothing else is left.
    func way(isRecovery: Bool) -> SecondFactorPage.Way {
        if isRecovery { return .recoveryCode }
        if ways.app { return .app }
        if passkey != nil { return .passkey }
        return ways.mail == .on ? .mail : .recoveryCode
    }

    /// What a recovery code may be left for.
    var alternative: SecondFactorPage.Alternative {
        switch way(isRecovery: false) {
        case .app: .app
        case .passkey: .passkey
        case .mail: .mail
        case .recoveryCode: .none
        }
    }
}

extension Visitor {
    /// Where somebody signs in, for what; `language` is the tag of the page.
    func place(
        _ purpose: TokenDigest, trusting trust: SignInForms.DeviceTrust, in language: String,
        for client: ClientID? = nil
    ) -> SignInPlace {
        SignInPlace(
            purpose: purpose, browser: browserDigest, origin: origin, traits: traits, client: client,
            audit: auditOrigin, session: sessionSecret, device: trust == .remembered ? deviceSecret : nil,
            language: language)
    }
}

extension SignInCourse {
    /// The course of a site.
    init(_ parts: Site.Parts) {
        self.init(
            signIn: parts.signIn, secondFactor: parts.secondFactor, passkeys: parts.passkeys, sessions: parts.sessions,
            audit: parts.audit, notices: parts.account.notices, deletion: parts.account.deletion,
            users: parts.environment.storage.users)
    }
}

extension LinkedAccounts {
    /// The links of a site.
    init(_ parts: Site.Parts) {
        self.init(
            parts.environment.storage, accounts: parts.account.accounts, notices: parts.account.notices,
            audit: parts.audit, clock: parts.environment.clock,
            rates: parts.federation?.rates ?? ConnectorRates())
    }
}

extension SignInForms.Refusal {
    fileprivate static func refused(_ problem: Problem) -> Self {
        Self(problem: problem, status: .forbidden, retryAfter: nil, outcome: .refused)
    }

    fileprivate static func limited(_ wait: Duration, _ problem: (Int) -> Problem) -> Self {
        let seconds = Failure.seconds(wait)
        return Self(
            problem: problem(seconds), status: .tooManyRequests, retryAfter: "\(seconds)", outcome: .limited)
    }
}

extension Passkeys.Answer {
    /// What the script of a page has filled into its form; nil where it has not.
    init?(_ form: FormParameters) {
        guard let json = form[Parameter("passkey")], !json.isEmpty else { return nil }
        self.init(json: json, challenge: form[Parameter("passkey-challenge")] ?? "")
    }
}
