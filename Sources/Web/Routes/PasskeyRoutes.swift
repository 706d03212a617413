import AuthorizationServer
import HTTP
import Identity
import JSON
import OAuthTypes
import Pages
import Stores

/// What the script of a sign-in page asks about passkeys: WebAuthn §7.2, and the related origins of §5.11.
///
/// The answers are posted to the forms of the pages themselves (``SignInForms``).
struct PasskeyRoutes: Sendable {
    static let signInOptionsPath = "/passkey/sign-in-options"
    static let secondFactorOptionsPath = "/passkey/second-factor-options"
    /// Below the root of the host, whatever the issuer's path.
    static let relatedOriginsPath = "/.well-known/webauthn"

    private static let signInPurpose = "passkey sign-in options"
    private static let contentLimit = 2 * 1024

    let passkeys: Passkeys
    let forms: SignInForms
    let cookies: BrowserCookies
    let sessions: Sessions
    let environment: ServerEnvironment
    let report: FailureReport

    init(_ passkeys: Passkeys, _ parts: Site.Parts) {
        self.passkeys = passkeys
        forms = SignInForms(parts)
        cookies = BrowserCookies(parts.environment.issuer)
        sessions = parts.sessions
        environment = parts.environment
        report = parts.report
    }

    var routes: [Route] {
        [
            Route(.post, PasskeyRoutes.signInOptionsPath, bodyLimit: PasskeyRoutes.contentLimit) { request in
                await answer(request) { _ in
                    PasskeyRoutes.signInPurpose
                } _: { _, visitor in
                    passkeys.signInOptions(in: visitor.browser.secret ?? "")
                }
            },
            Route(.post, PasskeyRoutes.secondFactorOptionsPath, bodyLimit: PasskeyRoutes.contentLimit) { request in
                await answer(request) {
                    PasskeyRoutes.secondFactorPurpose($0)
                } _: { name, visitor in
                    let place = SignInPurpose(name, visitor).digest
                    // Who has proven no password learns of no passkeys.
                    guard
                        let waiting = try await forms.secondFactor.waiting(at: place, in: visitor.browserDigest)
                    else { return nil }
                    return try await passkeys.secondFactorOptions(
                        for: waiting.user.id, at: place, in: visitor.browser.secret ?? "")
                }
            },
        ]
    }

    /// The document that names further pages that may use our passkeys; none where there are none.
    func relatedOriginsRoutes() -> [Route] {
        guard let document = passkeys.relatedOrigins else { return [] }
        var writer = JSONWriter()
        document.encode(to: &writer)
        var response = Response.json(writer.bytes)
        for (name, value) in SecurityHeaders.common(environment.issuer) { response.headers.set(name, value) }
        response.headers.set("Cache-Control", "public, max-age=300")
        return [Route(.get, PasskeyRoutes.relatedOriginsPath) { [response] _ in response }]
    }

    /// The form of a page that asks for a passkey where nobody is known.
    static func signInForm(_ environment: ServerEnvironment, browser: String) -> PasskeyForm {
        PasskeyForm(
            optionsURL: environment.issuer.path + signInOptionsPath,
            optionsToken: environment.formTokens.token(for: signInPurpose, browser: browser))
    }

    /// The form of a page that asks for a passkey after a password; `place` names what that waits for.
    static func secondFactorForm(_ environment: ServerEnvironment, place: String, browser: String) -> PasskeyForm {
        PasskeyForm(
            optionsURL: environment.issuer.path + secondFactorOptionsPath,
            optionsToken: environment.formTokens.token(for: secondFactorPurpose(place), browser: browser),
            place: place)
    }

    private static func secondFactorPurpose(_ place: String) -> String { "passkey second factor options " + place }

    private func answer(
        _ request: Request, _ purpose: (String) -> String,
        _ options: (String, Visitor) async throws -> (any JSONEncodable)?
    ) async -> Response {
        do {
            let visitor = try await Visitor(request, cookies, sessions)
            let place = (try? request.form())?[Parameter("place")] ?? ""
            guard OwnForm(request, purpose: purpose(place), browser: visitor.browser.secret, environment) != nil
            else { return Response.options(nil, .forbidden, environment.issuer) }
            if let wait = passkeys.take(visitor.origin) {
                return Response.options(nil, .tooManyRequests, environment.issuer)
                    .retrying(after: Failure.seconds(wait))
            }
            guard let options = try await options(place, visitor) else {
                return Response.options(nil, .forbidden, environment.issuer)
            }
            return Response.options(options, .ok, environment.issuer)
        } catch {
            report(request.id, error)
            return Response.options(
                nil, Failure.isTemporary(error) ? .serviceUnavailable : .internalServerError, environment.issuer)
        }
    }
}

extension Response {
    /// The options of a passkey ceremony, or only a status.
    static func options(_ options: (any JSONEncodable)?, _ status: Status, _ issuer: Issuer) -> Response {
        var writer = JSONWriter(capacity: 1024)
        if let options { options.encode(to: &writer) } else { writer.object { _ in } }
        var response = Response.json(writer.bytes, status: status)
        SecurityHeaders.page(issuer).forEach { response.headers.set($0.name, $0.value) }
        return response
    }
}

/// What a password waits for: an authorization request, or the account pages of one browser.
struct SignInPurpose: Sendable {
    /// As pages name it: the request's identifier, empty for the account pages.
    let name: String
    /// As the store of waiting passwords knows it.
    let digest: TokenDigest

    init(_ name: String, _ visitor: Visitor) {
        self.name = name
        digest =
            name.isEmpty
            ? TokenDigest(of: "account " + (visitor.browser.secret ?? "")) : TokenDigest(of: "interaction " + name)
    }
}
