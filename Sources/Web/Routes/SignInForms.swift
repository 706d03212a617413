import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages
import Reactor
import Stores

/// The two forms of signing in, the same for clients' requests and for the account pages: password, then second factor.
struct SignInForms: Sendable {
    let signIn: LimitedSignIn
    let sessions: Sessions
    let secondFactor: SecondFactor
    let cookies: BrowserCookies
    let audit: AuditTrail
    let account: Site.AccountParts

    init(_ parts: Site.Parts) {
        signIn = parts.signIn
        sessions = parts.sessions
        secondFactor = parts.secondFactor
        account = parts.account
        cookies = BrowserCookies(parts.environment.issuer)
        audit = parts.audit
    }

    /// A session that has just begun.
    struct Start: Sendable {
        let secret: String
        let session: Session
        let user: User
        /// When the account is deleted, if its owner does not keep it; nil where it is not to be.
        let leavesAt: Timestamp?
        /// What the browser keeps, so that guesses elsewhere do not lock it out.
        let known: String
        /// What the cookie of a browser holds that is remembered from now on.
        var device: String?
        /// How many recovery codes are left, where one was used.
        var recoveryCodesLeft: Int?
    }

    enum PasswordOutcome: Sendable {
        case signedIn(Start)
        case secondFactorIsDue
        case refused(Refusal<SignInPage.Problem>)
    }

    enum SecondFactorOutcome: Sendable {
        case signedIn(Start)
        /// No password waits here any more.
        case gone
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

    /// Compares a password; `place` is what the sign-in is for, and keeps a right one for the second factor.
    ///
    /// `client` is the one that asks, if any does.
    func takePassword(
        _ form: FormParameters, _ visitor: Visitor, at place: TokenDigest, trusting trust: DeviceTrust,
        for client: ClientID? = nil
    ) async throws -> PasswordOutcome {
        let begun = sessions.now
        let outcome: LimitedSignIn.Outcome
        var isAll = false
        do {
            outcome = try await signIn.authenticate(
                email: form[Parameter("email")] ?? "", password: form[Parameter("password")] ?? "",
                from: visitor.origin,
                isEnough: { user in
                    isAll = try await isEnough(user.id, visitor, trust)
                    return isAll
                })
        } catch is WorkerPoolError {
            return .refused(
                Refusal(
                    problem: .busy, status: .serviceUnavailable, retryAfter: Failure.retryAfter, outcome: .busy))
        }
        switch outcome {
        case .refused:
            audit.noteLater(
                .signIn, .refused, email: form[Parameter("email")], with: client, from: visitor.auditOrigin)
            return .refused(
                Refusal(problem: .wrongCredentials, status: .forbidden, retryAfter: nil, outcome: .refused))
        case .limited(let wait):
            audit.noteLater(
                .signIn, .limited, email: form[Parameter("email")], with: client, from: visitor.auditOrigin)
            let seconds = SignInForms.seconds(wait)
            return .refused(
                Refusal(
                    problem: .tooMany(seconds: seconds), status: .tooManyRequests, retryAfter: "\(seconds)",
                    outcome: .limited))
        case .signedIn(let user):
            guard isAll else {
                try await secondFactor.wait(for: user.id, provenAt: begun, at: place, in: visitor.browserDigest)
                return .secondFactorIsDue
            }
            let start = try await start(user, by: [.password], provenAt: begun, visitor)
            try await audit.note(.signIn, of: user.id, with: client, from: visitor.auditOrigin)
            return .signedIn(start)
        }
    }

    /// Compares the second factor of the person whose password waits at a place.
    func takeSecondFactor(
        _ form: FormParameters, _ visitor: Visitor, at place: TokenDigest, for client: ClientID? = nil
    ) async throws -> SecondFactorOutcome {
        let begun = sessions.now
        guard let waiting = try await secondFactor.waiting(at: place, in: visitor.browserDigest) else { return .gone }
        let way = form[Parameter("way")].flatMap { SecondFactor.Way(rawValue: $0) } ?? .app
        let user = waiting.user
        let outcome = try await signIn.prove(user, from: visitor.origin) {
            try await secondFactor.accept(form[Parameter("code")] ?? "", by: way, for: user.id)
        }
        let origin = visitor.auditOrigin
        switch outcome {
        case .refused:
            audit.noteLater(.secondFactor, .refused, of: user.id, with: client, from: origin)
            return .refused(Refusal(problem: .wrongCode, status: .forbidden, retryAfter: nil, outcome: .refused))
        case .limited(let wait):
            audit.noteLater(.secondFactor, .limited, of: user.id, with: client, from: origin)
            let seconds = SignInForms.seconds(wait)
            return .refused(
                Refusal(
                    problem: .tooMany(seconds: seconds), status: .tooManyRequests, retryAfter: "\(seconds)",
                    outcome: .limited))
        case .signedIn:
            guard try await secondFactor.finish(waiting) else { return .gone }
            var start = try await start(user, by: SecondFactor.methods, provenAt: begun, visitor)
            try await audit.note(
                .signIn, of: user.id, with: client, from: origin, details: ["second_factor": way.rawValue])
            if way == .recoveryCode {
                try await audit.note(.recoveryCodeUsed, of: user.id, from: origin)
                let left = try await secondFactor.recoveryCodes.left(for: user.id)
                try await account.notices.tell(.recoveryCodeUsed(left: left), user)
                start.recoveryCodesLeft = left
            } else if form[Parameter("remember")] == "yes" {
                start.device = try await secondFactor.devices.remember(
                    for: user.id, on: visitor.traits, after: visitor.deviceSecret)
                try await audit.note(.deviceRemembered, of: user.id, from: origin)
            }
            return .signedIn(start)
        }
    }

    /// Starts the session, and tells the account's owner where the browser is not known.
    private func start(
        _ user: User, by methods: [AuthenticationMethod], provenAt moment: Timestamp, _ visitor: Visitor
    ) async throws -> Start {
        // First, so that nobody is signed in whom the owner does not hear of.
        if !signIn.knows(user, from: visitor.origin) {
            try await account.notices.tell(.newDevice(visitor.traits), user)
        }
        let (secret, session) = try await sessions.start(
            for: user.id, by: methods, provenAt: moment, replacing: visitor.sessionSecret, on: visitor.traits)
        return Start(
            secret: secret, session: session, user: user,
            leavesAt: try await account.deletion.moment(for: user.id),
            known: signIn.mark(for: user, from: visitor.origin))
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
        return response.noting(.signIn(.succeeded))
    }

    /// Whether the password is all that is asked of the person in this browser.
    private func isEnough(_ user: UserID, _ visitor: Visitor, _ trust: DeviceTrust) async throws -> Bool {
        guard try await secondFactor.isOn(for: user) else { return true }
        guard trust == .remembered, let device = visitor.deviceSecret else { return false }
        return try await secondFactor.devices.knows(device, for: user)
    }

    /// Rounded up: who comes back then shall not be early.
    private static func seconds(_ wait: Duration) -> Int { max(1, Int(clamping: wait.wholeSeconds + 1)) }
}
