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
    func takePassword(
        _ form: FormParameters, _ visitor: Visitor, at purpose: TokenDigest, trusting trust: DeviceTrust
    ) async throws -> PasswordOutcome {
        let outcome: SignInCourse.Outcome
        do {
            outcome = try await course.takePassword(
                email: form[Parameter("email")] ?? "", password: form[Parameter("password")] ?? "",
                at: visitor.place(purpose, trusting: trust))
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
        _ form: FormParameters, _ visitor: Visitor, at purpose: TokenDigest
    ) async throws -> SecondFactorOutcome {
        let outcome = try await course.takeSecondFactor(
            form[Parameter("code")] ?? "",
            by: form[Parameter("way")].flatMap { SecondFactor.Way(rawValue: $0) } ?? .app,
            remembering: form[Parameter("remember")] == "yes", at: visitor.place(purpose, trusting: .nobody))
        switch outcome {
        case .signedIn(let start): return .signedIn(start)
        case .gone, .secondFactorIsDue: return .gone
        case .limited(let wait): return .refused(SignInForms.limited(wait) { .tooMany(seconds: $0) })
        case .refused:
            return .refused(Refusal(problem: .wrongCode, status: .forbidden, retryAfter: nil, outcome: .refused))
        }
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
    func place(_ purpose: TokenDigest, trusting trust: SignInForms.DeviceTrust) -> SignInPlace {
        SignInPlace(
            purpose: purpose, browser: browserDigest, origin: origin, traits: traits, session: sessionSecret,
            device: trust == .remembered ? deviceSecret : nil)
    }
}

extension SignInCourse {
    /// The course of a site.
    init(_ parts: Site.Parts) {
        self.init(signIn: parts.signIn, secondFactor: parts.secondFactor, sessions: parts.sessions)
    }
}
