import AuthorizationServer
import HTTP
import Identity
import OAuthTypes

/// The cookie that the script of the framed page reads: Session Management §3.2.
///
/// It follows the session's cookie in every answer, wherever that was set or removed, so that no page can forget it. It
/// opens nothing: its value is a digest of a digest of the session's secret. Frames on other sites get it only with
/// `SameSite=None`, which browsers take with `Secure` alone; on plain http, a loopback host, it is as the others are.
///
/// A session that ends elsewhere changes no cookie here: the next authorization request of the browser brings that to light.
struct BrowserState: Sendable {
    private let isSecure: Bool
    private let name: String
    private let cookies: BrowserCookies
    private let sessions: Sessions
    private let authorizationPath: String

    /// Nil where the operator does not offer session management.
    init?(_ environment: ServerEnvironment, _ sessions: Sessions) {
        self.sessions = sessions
        guard environment.policy.offersSessionManagement else { return nil }
        isSecure = environment.issuer.isSecure
        name = (isSecure ? "__Host-" : "") + "martlet-state"
        cookies = BrowserCookies(environment.issuer)
        authorizationPath = environment.issuer.path + AuthorizationEndpoint.path
    }

    /// The answer, with the cookie where the session's changes, or was there before this one was offered; without it where
    /// the session is over.
    func follow(_ response: Response, to request: Request) async -> Response {
        var response = response
        if let secret = cookies.sessionSecret(setBy: response) {
            response.setCookie(secret.isEmpty ? cookie("").removal() : cookie(of: secret))
            return response
        }
        // A frame on another site sends this cookie without the session's: that says nothing of the session.
        guard request.path == authorizationPath, cookies.read(request).session != nil else { return response }
        // Whoever cannot ask the store changes nothing.
        guard let visitor = try? await Visitor(request, cookies, sessions) else { return response }
        let isSet = ((try? request.cookie(name)) ?? nil) != nil
        if visitor.browser.session == nil {
            if isSet { response.setCookie(cookie("").removal()) }
        } else if !isSet, let secret = visitor.sessionSecret {
            response.setCookie(cookie(of: secret))
        }
        return response
    }

    private func cookie(of secret: String) -> SetCookie {
        cookie(SessionState.browserState(of: TokenDigest(of: secret)))
    }

    private func cookie(_ value: String) -> SetCookie {
        SetCookie(name: name, value: value, httpOnly: false, secure: isSecure, sameSite: isSecure ? .none : .lax)
    }
}

extension BrowserCookies {
    /// The secret of the session's cookie that an answer sets, empty where it removes it; nil where it does neither.
    func sessionSecret(setBy response: Response) -> String? {
        let line = response.headers.values(of: "Set-Cookie").last { $0.hasPrefix(sessionName + "=") }
        return line.map { String($0.dropFirst(sessionName.count + 1).prefix { $0 != ";" }) }
    }
}
