import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages
import Reactor
import Stores

/// The forms of signing in, the same for clients' requests and for the account pages: password, then second factor; or a
/// passkey, which is both.
struct SignInForms: Sendable {
    let signIn: LimitedSignIn
    let sessions: Sessions
    let secondFactor: SecondFactor
    /// Nil where none can be used.
    let passkeys: Passkeys?
    let cookies: BrowserCookies

    init(_ parts: Site.Parts) {
        signIn = parts.signIn
        sessions = parts.sessions
        secondFactor = parts.secondFactor
        passkeys = parts.passkeys
        cookies = BrowserCookies(parts.environment.issuer)
    }

    /// A session that has just begun.
    struct Start: Sendable {
        let secret: String
        let session: Session
        /// What the browser keeps, so that guesses elsewhere do not lock it out.
        let known: String
        /// The secret of a browser that is remembered from now on.
        var device: String?
        /// How many recovery codes are left, where one was used.
        var recoveryCodesLeft: Int?
    }

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
    func takePassword(
        _ form: FormParameters, _ visitor: Visitor, at place: TokenDigest, trusting trust: DeviceTrust
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
        case .refused: return .refused(.refused(.wrongCredentials))
        case .limited(let wait): return .refused(.limited(wait) { .tooMany(seconds: $0) })
        case .signedIn(let user):
            guard isAll else {
                try await secondFactor.wait(for: user.id, provenAt: begun, at: place, in: visitor.browserDigest)
                return .secondFactorIsDue
            }
            return .signedIn(try await start(for: user, by: [.password], provenAt: begun, visitor))
        }
    }

    /// Compares the second factor of the person whose password waits at a place.
    func takeSecondFactor(
        _ form: FormParameters, _ visitor: Visitor, at place: TokenDigest
    ) async throws -> SecondFactorOutcome {
        let begun = sessions.now
        guard let waiting = try await secondFactor.waiting(at: place, in: visitor.browserDigest) else { return .gone }
        let way = form[Parameter("way")].flatMap { SecondFactor.Way(rawValue: $0) } ?? .app
        let user = waiting.user
        let answer = Passkeys.Answer(form)
        let outcome = try await signIn.prove(user, from: visitor.origin) {
            guard let answer else {
                return try await secondFactor.accept(form[Parameter("code")] ?? "", by: way, for: user.id)
            }
            return try await passkeys?.accept(answer, for: user.id, at: place, in: visitor.browser.secret ?? "")
                ?? false
        }
        switch outcome {
        case .refused: return .refused(.refused(answer == nil ? .wrongCode : .unknownPasskey))
        case .limited(let wait): return .refused(.limited(wait) { .tooMany(seconds: $0) })
        case .signedIn:
            guard try await secondFactor.finish(waiting) else { return .gone }
            let methods = answer == nil ? SecondFactor.methods : SecondFactor.methodsWithPasskey
            var start = try await start(for: user, by: methods, provenAt: begun, visitor)
            if answer != nil { return .signedIn(start) }
            if way == .recoveryCode {
                start.recoveryCodesLeft = try await secondFactor.recoveryCodes.left(for: user.id)
            } else if form[Parameter("remember")] == "yes" {
                start.device = try await secondFactor.devices.remember(for: user.id, on: visitor.traits)
            }
            return .signedIn(start)
        }
    }

    /// Takes a passkey in place of address and password; nil where the form has none.
    func takePasskey(_ form: FormParameters, _ visitor: Visitor) async throws -> PasskeyOutcome? {
        guard let answer = Passkeys.Answer(form) else { return nil }
        let begun = sessions.now
        let outcome = try await signIn.prove(from: visitor.origin) {
            try await passkeys?.signIn(answer, in: visitor.browser.secret ?? "")
        }
        switch outcome {
        case .refused: return .refused(.refused(.unknownPasskey))
        case .limited(let wait): return .refused(.limited(wait) { .tooMany(seconds: $0) })
        case .signedIn(let user):
            return .signedIn(try await start(for: user, by: Passkeys.methods, provenAt: begun, visitor))
        }
    }

    /// What the page of the second factor may ask of somebody whose password waits.
    func ways(
        of user: UserID, at place: SignInPlace, _ visitor: Visitor, _ environment: ServerEnvironment
    ) async throws -> (hasApp: Bool, passkey: PasskeyForm?) {
        let hasApp = try await secondFactor.authenticators.isOn(for: user)
        guard let passkeys, try await !passkeys.list(of: user).isEmpty else { return (hasApp, nil) }
        let form = PasskeyRoutes.secondFactorForm(
            environment, place: place.name, browser: visitor.browser.secret ?? "")
        return (hasApp, form)
    }

    private func start(
        for user: User, by methods: [AuthenticationMethod], provenAt moment: Timestamp, _ visitor: Visitor
    ) async throws -> Start {
        let (secret, session) = try await sessions.start(
            for: user.id, by: methods, provenAt: moment, replacing: visitor.sessionSecret, on: visitor.traits)
        return Start(secret: secret, session: session, known: signIn.mark(for: user, from: visitor.origin))
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
}

extension SignInForms.Refusal {
    fileprivate static func refused(_ problem: Problem) -> Self {
        Self(problem: problem, status: .forbidden, retryAfter: nil, outcome: .refused)
    }

    fileprivate static func limited(_ wait: Duration, _ problem: (Int) -> Problem) -> Self {
        // Rounded up: who comes back then shall not be early.
        let seconds = max(1, Int(clamping: wait.wholeSeconds + 1))
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
