import AuthorizationServer
import HTTP
import Identity
import JSON
import OAuthTypes
import Pages
import Stores

/// How good a password is, for the script of pages that ask for a new one.
///
/// The page works without it: the same verdict falls when the form is sent. Nothing of the question is kept or logged.
struct PasswordRoutes: Sendable {
    static let path = "/password-strength"
    fileprivate static let purpose = "password strength"
    /// A password and what is known of the person, percent-encoded.
    private static let contentLimit = 8 * 1024

    let meter: PasswordMeter
    let cookies: BrowserCookies
    let sessions: Sessions
    let environment: ServerEnvironment

    init(_ meter: PasswordMeter, _ parts: Site.Parts) {
        self.meter = meter
        cookies = BrowserCookies(parts.environment.issuer)
        sessions = parts.sessions
        environment = parts.environment
    }

    var routes: [Route] {
        [
            Route(.post, PasswordRoutes.path, bodyLimit: PasswordRoutes.contentLimit) { request in
                let browser = cookies.read(request).browser
                guard
                    let form = OwnForm(request, purpose: PasswordRoutes.purpose, browser: browser, environment)?.fields
                else { return answer(.forbidden) }
                if let wait = meter.take(cookies.origin(of: request)) {
                    return answer(.tooManyRequests).retrying(after: Failure.seconds(wait))
                }
                let owner = await owner(form, request)
                return answer(.ok, meter.judge.judge(form[Parameter("password")] ?? "", of: owner))
            }
        ]
    }

    /// Who is signed in, or what was typed beside the password.
    private func owner(_ form: FormParameters, _ request: Request) async -> PasswordOwner {
        var owner = PasswordOwner(
            name: form[Parameter("name")] ?? "", email: form[Parameter("email")] ?? "",
            // Whether there is one counts when the form is sent; here it only changes what is advised.
            factors: form[Parameter("second_factor")] == nil ? .passwordAlone : .withSecondFactor)
        if let secret = cookies.read(request).session, let session = try? await sessions.find(secret),
            let user = try? await environment.storage.users.find(session.userID)
        {
            (owner.name, owner.email) = (user.name, user.email.rawValue)
        }
        return owner
    }

    private func answer(_ status: Status, _ verdict: PasswordVerdict? = nil) -> Response {
        var writer = JSONWriter()
        writer.object { writer in
            guard let verdict else { return }
            writer.member("score", verdict.score)
            writer.member("acceptable", verdict.isAcceptable)
            writer.member("messages", verdict.messages.map(\.rawValue))
        }
        var response = Response(status, headers: ["Content-Type": "application/json"], body: .bytes(writer.bytes))
        SecurityHeaders.page(environment.issuer).forEach { response.headers.set($0.name, $0.value) }
        return response
    }
}

extension PasswordVerdict {
    /// The messages of a page, in the order of their weight.
    var messages: [PasswordAdvice.Message] {
        let names = [refusal?.rawValue, warning?.rawValue].compactMap { $0 } + suggestions.map(\.rawValue)
        return names.compactMap { PasswordAdvice.Message(rawValue: $0) }
    }
}

extension PasswordMeter {
    /// The advice of a page; `refused` is the password that was sent and not taken, nil where there was none.
    func advice(
        _ visit: OwnVisit, _ environment: ServerEnvironment, refused: (String, PasswordOwner)? = nil
    )
        -> PasswordAdvice
    {
        PasswordAdvice(judge, refused.map { judge.judge($0.0, of: $0.1) }, browser: visit.secret, environment)
    }
}

extension PasswordMeter {
    /// The advice of a page on which the owner of an account chooses a password.
    func advice(
        _ owner: PasswordOwner, _ environment: ServerEnvironment, browser: String, refused: String? = nil
    ) -> PasswordAdvice {
        PasswordAdvice(
            judge, refused.map { judge.judge($0, of: owner) }, factors: owner.factors, browser: browser, environment)
    }
}

extension PasswordAdvice {
    /// The advice of a page; `verdict` is that on the password that was sent, nil where there was none.
    init(
        _ judge: PasswordJudge, _ verdict: PasswordVerdict? = nil, factors: PasswordOwner.Factors = .passwordAlone,
        browser: String, _ environment: ServerEnvironment
    ) {
        self.init(
            minimumLength: judge.rules.minimumLength(factors), messages: PasswordAdvice.shown(verdict),
            address: environment.issuer.path + PasswordRoutes.path,
            token: environment.formTokens.token(for: PasswordRoutes.purpose, browser: browser),
            hasSecondFactor: factors == .withSecondFactor)
    }

    private static func shown(_ verdict: PasswordVerdict?) -> Set<Message> {
        guard let verdict else { return [] }
        // What we would have taken was refused by the service that is asked besides.
        return verdict.isAcceptable ? [.breached, .another] : Set(verdict.messages)
    }
}
