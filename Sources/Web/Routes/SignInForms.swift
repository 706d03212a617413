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
    let order: Site.SignInOrder
    private let upstreamSessions: any UpstreamSessionStore
    /// Nil where there are no connectors.
    private let secondSteps: SecondSteps?
    private let environment: ServerEnvironment

    var secondFactor: SecondFactor { course.secondFactor }

    init(_ parts: Site.Parts) {
        course = SignInCourse(parts)
        cookies = BrowserCookies(parts.environment.issuer)
        links = LinkedAccounts(parts)
        federation = parts.federation
        users = parts.environment.storage.users
        order = parts.signInOrder
        upstreamSessions = parts.environment.storage.upstreamSessions
        secondSteps = SecondSteps(parts)
        environment = parts.environment
    }

    typealias Start = SignInCourse.Start

    enum PasswordOutcome: Sendable {
        case signedIn(Start)
        case secondFactorIsDue
        case refused(Refusal<SignInPage.Problem>)
        /// A directory proved them, and the page has to say what comes now.
        case detour(Detour)
    }

    /// The sign-in page once more, by a redirect: what it is to say of a connector, and what the browser keeps.
    struct Detour: Sendable {
        var trouble: (ConnectorTrouble, ConnectorID)?
        var cookie: SetCookie?

        /// On the way to that page.
        func answer(_ answers: PageAnswers, _ page: String, _ request: Request) -> Response {
            var response =
                trouble.map { answers.trouble($0, at: $1, shownOn: page, request) } ?? answers.redirect(to: page)
            if let cookie { response.setCookie(cookie) }
            // Whoever has to prove more is not turned away.
            return trouble == nil ? response : response.noting(.signIn(.refused))
        }
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
        /// Whether it brings a challenge nearer: also what a directory that is silent would have had to compare.
        var isGuess = false

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
                at: visitor.place(
                    purpose, trusting: trust, in: language, for: client, isStaying: SignInForms.isStaying(form)),
                waiting: { person, user in
                    try await secondSteps?.keep(
                        person, typedAs: form[Parameter("email")] ?? "", of: user.id, in: visitor.browserDigest)
                })
        } catch is WorkerPoolError {
            return .refused(
                Refusal(
                    problem: .busy, status: .serviceUnavailable, retryAfter: Failure.retryAfter, outcome: .busy))
        } catch let error as PasswordsUnavailable {
            return .refused(
                Refusal(
                    problem: .directory(error.name), status: .serviceUnavailable, retryAfter: Failure.retryAfter,
                    outcome: .busy, isGuess: true))
        }
        switch outcome {
        case .signedIn(let start): return .signedIn(try await settle(start, visitor))
        case .secondFactorIsDue: return .secondFactorIsDue
        case .limited(let wait): return .refused(.limited(wait) { .tooMany(seconds: $0) })
        case .refused, .gone: return .refused(.refused(.wrongCredentials))
        case .proofNeeded(let identity, let user):
            return .detour(try await askForProof(identity, of: user, visitor))
        case .notAdmitted(let identity, let refusal):
            return .detour(
                Detour(trouble: (ConnectorTrouble(refusal), identity.connector), cookie: nil))
        }
    }

    /// Has the owner of the account sign in to it; who they are in the directory waits in this browser.
    private func askForProof(_ identity: ProvenIdentity, of user: User, _ visitor: Visitor) async throws -> Detour {
        let waiting = try await pendingLink(visitor)?.pending
        if let waiting, waiting.identity.connector == identity.connector, waiting.identity.subject == identity.subject {
            return Detour(trouble: (.own, identity.connector), cookie: nil)
        }
        let known = UpstreamIdentity(
            ofDirectory: identity.connector, subject: identity.subject, email: identity.email, name: identity.name)
        let secret = environment.newSecret()
        try await wait(PendingLink(known, for: .link(user.id)), under: secret, visitor)
        return Detour(trouble: nil, cookie: cookies.link(secret))
    }

    /// Compares the second factor of the person whose password waits.
    func takeSecondFactor(
        _ form: FormParameters, _ visitor: Visitor, at purpose: TokenDigest, in language: String,
        for client: ClientID? = nil
    ) async throws -> SecondFactorOutcome {
        let place = visitor.place(
            purpose, trusting: .remembered, in: language, for: client, isStaying: visitor.isStaying)
        if form[Parameter("way")] == SignInForms.sending {
            switch try await secondFactor.sendCode(at: place) {
            case .sent?: return .sentAgain
            case .limited(let wait)?: return .refused(.limited(wait) { .tooManyMails(seconds: $0) })
            case .enough?:
                return .refused(
                    Refusal(
                        problem: .tooManyMails(seconds: nil), status: .tooManyRequests, retryAfter: nil,
                        outcome: .limited))
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
        case .signedIn(let start):
            guard start.identity != nil else { return .signedIn(try await settle(start, visitor)) }
            guard let start = try await secondSteps?.finish(start, at: place) else { return .gone }
            return .signedIn(try await settle(start, visitor, isNoted: true))
        case .gone, .secondFactorIsDue, .proofNeeded, .notAdmitted: return .gone
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
        let place = visitor.place(
            TokenDigest(of: ""), trusting: .nobody, in: language, for: client, isStaying: SignInForms.isStaying(form))
        switch try await course.takePasskey(answer, in: visitor.browser.secret ?? "", at: place) {
        case .signedIn(let start): return .signedIn(try await settle(start, visitor))
        case .limited(let wait): return .refused(.limited(wait) { .tooMany(seconds: $0) })
        case .refused, .gone, .secondFactorIsDue, .proofNeeded, .notAdmitted:
            return .refused(.refused(.unknownPasskey))
        }
    }

    /// Whether what was sent says that the person wishes to stay signed in.
    static func isStaying(_ form: FormParameters) -> Bool { form[Parameter("stay")] == "yes" }

    /// Keeps that wish, or its absence, until the second factor comes.
    func keepWish(_ form: FormParameters, _ visitor: Visitor, _ response: Response) -> Response {
        keepWish(isStaying: SignInForms.isStaying(form), visitor, response)
    }

    /// The same for whom a connector has proven, until nothing more is asked of them here.
    func keepWish(isStaying: Bool, _ visitor: Visitor, _ response: Response) -> Response {
        var response = response
        if isStaying {
            response.setCookie(cookies.stay)
        } else if visitor.isStaying {
            response.setCookie(cookies.noStay)
        }
        return response
    }

    /// What a form posts as its way that asks for another mail.
    private static let sending = "send"

    /// What came of a person whom a connector has proven; who waits does so under the secret of a cookie.
    enum IdentityOutcome: Sendable {
        case signedIn(Start)
        case secondFactorIsDue
        /// Their address has an account, and its owner has to sign in to it by a way that it has.
        case proofNeeded(waiting: String)
        /// They have no account, and get one once they accept what that asks.
        case acceptanceNeeded(waiting: String)
        /// The provider did not ask who they are, and nothing is linked.
        case unasked
        /// They do not get in.
        case refused(LinkedAccounts.Refusal)
    }

    /// Takes a person whom a connector has proven; `purpose` is what they were sent there for, and `newcomers` what who has
    /// no account gets.
    func takeIdentity(
        _ identity: UpstreamIdentity, _ proven: ProvenIdentity, for purpose: FederationPurpose,
        newcomers: LinkedAccounts.Newcomers, _ visitor: Visitor, at place: SignInPlace
    ) async throws -> IdentityOutcome {
        let secret = environment.newSecret()
        let outcome = try await course.takeIdentity(proven, by: links, at: place, newcomers: newcomers) { user in
            try await wait(PendingLink(identity, for: .secondFactor(user.id)), under: secret, visitor)
            return TokenDigest(of: secret)
        }
        switch outcome {
        case .step(.signedIn(let start)):
            guard try await note(identity, of: start) else { return .refused(.noAccount) }
            // This one may be the way in by which somebody proves that the account is theirs, for another to be linked.
            return .signedIn(try await settle(start, visitor, isNoted: true))
        case .step(.secondFactorIsDue): return .secondFactorIsDue
        case .proofNeeded(let user):
            // As on the page of security: a session that somebody has left open there must not become a way into this account.
            if identity.isStale, try await !links.isLinked(identity.connector, identity.subject, to: user) {
                return .unasked
            }
            try await wait(PendingLink(identity, for: .link(user.id)), under: secret, visitor)
            return .proofNeeded(waiting: secret)
        case .refused(.notAccepted):
            try await wait(PendingLink(identity, for: .account(purpose: purpose.text)), under: secret, visitor)
            return .acceptanceNeeded(waiting: secret)
        case .step: return .refused(.noAccount)
        case .refused(let refusal): return .refused(refusal)
        }
    }

    private func wait(_ pending: PendingLink, under secret: String, _ visitor: Visitor) async throws {
        guard let federation else { return }
        try await environment.storage.pendingIdentities.note(
            try federation.federation.record(of: pending, under: TokenDigest(of: secret), in: visitor.browserDigest))
    }

    /// Who waits in this browser for an account of their own, and what they were sent to the connector for.
    func newcomer(_ visitor: Visitor, at connector: ConnectorID) async throws -> (UpstreamIdentity, FederationPurpose)?
    {
        guard let (pending, _) = try await pendingLink(visitor), pending.identity.connector == connector,
            case .account(let text) = pending.goal, let purpose = FederationPurpose(text)
        else { return nil }
        return (pending.identity, purpose)
    }

    /// Ends the waiting in this browser; false where another request has done so.
    func endWaiting(_ visitor: Visitor) async throws -> Bool {
        guard let secret = visitor.linkSecret else { return false }
        return try await environment.storage.pendingIdentities.take(
            TokenDigest(of: secret), at: environment.clock.now)
    }

    /// By which connector a session began: the provider may end it, and be told of its end.
    ///
    /// False, and it has ended, where the link by which it began was taken away meanwhile, or the connector was disabled:
    /// who ends the sessions that began by it looks for them after that.
    private func note(_ identity: UpstreamIdentity, of start: Start) async throws -> Bool {
        guard let federation else { return true }
        try await upstreamSessions.note(try federation.federation.record(identity, of: start.session))
        if try await links.isLinked(identity.connector, identity.subject, to: start.user),
            try await environment.storage.connectors.find(identity.connector)?.isEnabled == true
        {
            return true
        }
        try await course.sessions.end(start.session)
        return false
    }

    /// Whom a person at a connector must prove to be, what people call the connector, and by which others the account can
    /// be opened; nil where nobody waits.
    func linking(_ visitor: Visitor) async throws -> (email: String, name: String, connectors: Set<String>)? {
        guard let (pending, proven) = try await pendingLink(visitor), case .link(let id) = pending.goal,
            let user = try await users.find(id), user.disabledAt == nil
        else { return nil }
        let connectors = try await links.list(of: user.id).map(\.connector.rawValue)
        return (user.email.rawValue, proven.connectorName, Set(connectors))
    }

    /// Who waits in this browser, with what the operator of the provider or directory allows by now.
    private func pendingLink(_ visitor: Visitor) async throws -> (pending: PendingLink, proven: ProvenIdentity)? {
        guard let federation, let secret = visitor.linkSecret,
            let record = try await environment.storage.pendingIdentities.find(
                TokenDigest(of: secret), at: environment.clock.now),
            let pending = federation.federation.pendingLink(record, in: visitor.browserDigest)
        else { return nil }
        let identity = pending.identity
        if let upstream = try await federation.federation.find(identity.connector) {
            return (pending, ProvenIdentity(identity, at: upstream, federation.signUpMode))
        }
        let person = try await federation.directories?.person(
            identity.subject, at: identity.connector, email: identity.email, name: identity.name)
        return person.map { (pending, $0) }
    }

    /// Links the person at a connector who waits in this browser to the account that was just proven to be theirs.
    ///
    /// `isNoted` says that the session began by another connector, the record of which stays.
    private func settle(_ start: Start, _ visitor: Visitor, isNoted: Bool = false) async throws -> Start {
        guard let (pending, proven) = try await pendingLink(visitor),
            case .link(let user) = pending.goal, user == start.user.id,
            // No less is asked than on the page of security: what another provider proved long ago links nothing.
            try await secondFactor.isFresh(
                user, provenAt: start.session.authenticatedAt, by: start.session.methods)
        else { return start }
        // Directories end no sessions, and the record of who does stays.
        let isProviders = try await federation?.federation.find(pending.identity.connector) != nil
        if try await links.link(proven, to: start.user, from: visitor.auditOrigin) == .linked, !isNoted, isProviders,
            try await !note(pending.identity, of: start)
        {
            return start
        }
        _ = try await endWaiting(visitor)
        var start = start
        start.isLinkSettled = true
        return start
    }

    /// What the page of the second factor may ask of somebody whose password waits.
    func ways(
        of waiting: SecondFactor.Waiting, at purpose: SignInPurpose, _ visitor: Visitor,
        _ environment: ServerEnvironment
    ) async throws -> SecondFactorWays {
        let ways = try await secondFactor.ways(of: waiting)
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
        response.setCookie(cookies.session(start.secret, for: course.sessions.cookieLifetime(of: start.session)))
        if start.session.isRemembered { response.setCookie(cookies.noStay) }
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
    /// Whether being remembered spares the second factor: not where a client wants one, nor where somebody waits to be
    /// linked to the account, which opens it for good.
    func trust(for pending: PendingRequest) -> SignInForms.DeviceTrust {
        pending.wantsSecondFactor || linkSecret != nil ? .nobody : .remembered
    }

    /// Where somebody signs in, for what; `language` is the tag of the page.
    func place(
        _ purpose: TokenDigest, trusting trust: SignInForms.DeviceTrust, in language: String,
        for client: ClientID? = nil, isStaying: Bool = false
    ) -> SignInPlace {
        SignInPlace(
            purpose: purpose, browser: browserDigest, origin: origin, traits: traits, client: client,
            audit: auditOrigin, session: sessionSecret, device: trust == .remembered ? deviceSecret : nil,
            isStaying: isStaying, language: language)
    }
}

extension SignInCourse {
    /// The course of a site.
    init(_ parts: Site.Parts) {
        self.init(
            signIn: parts.signIn, secondFactor: parts.secondFactor, passkeys: parts.passkeys, sessions: parts.sessions,
            audit: parts.audit, notices: parts.account.notices, deletion: parts.account.deletion,
            users: parts.environment.storage.users, directories: parts.federation?.directories,
            links: LinkedAccounts(parts))
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
        Self(problem: problem, status: .forbidden, retryAfter: nil, outcome: .refused, isGuess: true)
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
