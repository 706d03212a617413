import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages

/// A visit to one of our own forms outside of an authorization request: gives the browser its cookie and the form its
/// token, and takes the form only with both.
struct OwnVisit: Sendable {
    let visitor: Visitor
    /// The browser's secret, made now where it has none.
    let secret: String
    private let cookies: BrowserCookies
    private let environment: ServerEnvironment

    init(
        _ request: Request, _ cookies: BrowserCookies, _ sessions: Sessions, _ environment: ServerEnvironment
    ) async throws {
        visitor = try await Visitor(request, cookies, sessions)
        secret = visitor.browser.secret ?? environment.newSecret()
        self.cookies = cookies
        self.environment = environment
    }

    /// The token of a form in this browser.
    func token(_ purpose: String) -> String { environment.formTokens.token(for: purpose, browser: secret) }

    /// The form that was posted; nil where it is not ours, or from another browser.
    func form(_ request: Request, _ purpose: String) -> FormParameters? {
        OwnForm(request, purpose: purpose, browser: visitor.browser.secret, environment)?.fields
    }

    /// The answer with the browser's cookie.
    func answer(_ response: Response) -> Response {
        var response = response
        response.setCookie(cookies.browser(secret))
        return response
    }
}
