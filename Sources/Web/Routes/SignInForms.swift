import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages
import Reactor
import Stores

/// The two forms of signing in, the same for clients' requests and for the account pages: password, then second factor.
struct SignInForms: Sendable {
    let course: SignInCourse
    let cookies: BrowserCookies

    var secondFactor: SecondFactor { course.secondFactor }

    init(_ parts: Site.Parts) {
        course = SignInCourse(parts)
        cookies = BrowserCookies(parts.environment.issuer)
    }

    typealias Start = SignInCourse.Start

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

    /// Compares a password; `purpose` is what the sign-in is for, and keeps a right one for the second factor.
    ///
    /// `client` is the one that asks, if any does.
    func takePassword(
        _ form: FormParameters, _ visitor: Visitor, at purpose: TokenDigest, trusting trust: DeviceTrust,
        for client: ClientID? = nil
    ) async throws -> PasswordOutcome {
        let outcome: SignInCourse.Outcome
        do {
            outcome = try await course.takePassword(
                email: form[Parameter("email")] ?? "", password: form[Parameter("password")] ?? "",
                at: visitor.place(purpose, trusting: trust, for: client))
        } catch is WorkerPoolError {
            return .refused(
                Refusal(
                    problem: .busy, status: .serviceUnavailable, retryAfter: Failure.retryAfter, outcome: .busy))
        }
        switch outcome {
        case .signedIn(let start): return .signedIn(start)
        case .secondFactorIsDue: return .secondFactorIsDue
        case .limited(let wait): return .refused(SignInForms.limited(wait) { .tooMany(seconds: $0) })
        case .refused, .gone:
            return .refused(
                Refusal(problem: .wrongCredentials, status: .forbidden, retryAfter: nil, outcome: .refused))
        }
    }

    /// Compares the second factor of the person whose password waits.
    func takeSecondFactor(
        _ form: FormParameters, _ visitor: Visitor, at purpose: TokenDigest, for client: ClientID? = nil
    ) async throws -> SecondFactorOutcome {
        let outcome = try await course.takeSecondFactor(
            form[Parameter("code")] ?? "",
            by: form[Parameter("way")].flatMap { SecondFactor.Way(rawValue: $0) } ?? .app,
            remembering: form[Parameter("remember")] == "yes", at: visitor.place(purpose, trusting: .remembered, for: client))
        switch outcome {
        case .signedIn(let start): return .signedIn(start)
        case .gone, .secondFactorIsDue: return .gone
        case .limited(let wait): return .refused(SignInForms.limited(wait) { .tooMany(seconds: $0) })
        case .refused:
            return .refused(Refusal(problem: .wrongCode, status: .forbidden, retryAfter: nil, outcome: .refused))
        }
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

    private static func limited<Problem>(_ wait: Duration, _ problem: (Int) -> Problem) -> Refusal<Problem> {
        let seconds = Failure.seconds(wait)
        return Refusal(
            problem: problem(seconds), status: .tooManyRequests, retryAfter: "\(seconds)", outcome: .limited)
    }
}

extension Visitor {
    /// Where somebody signs in, for what.
    func place(
        _ purpose: TokenDigest, trusting trust: SignInForms.DeviceTrust, for client: ClientID? = nil
    ) -> SignInPlace {
        SignInPlace(
            purpose: purpose, browser: browserDigest, origin: origin, traits: traits, client: client,
            audit: auditOrigin, session: sessionSecret, device: trust == .remembered ? deviceSecret : nil)
    }
}

extension SignInCourse {
    /// The course of a site.
    init(_ parts: Site.Parts) {
        self.init(
            signIn: parts.signIn, secondFactor: parts.secondFactor, sessions: parts.sessions, audit: parts.audit,
            notices: parts.account.notices, deletion: parts.account.deletion)
    }
}
