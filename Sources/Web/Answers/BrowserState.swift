import AuthorizationServer
import HTTP
import OAuthTypes

/// The cookie that the script of the framed page reads: Session Management §3.2.
///
/// It follows the session's cookie in every answer, wherever that was set or removed, so that no page can forget it. It
/// opens nothing: its value is a digest of a digest of the session's secret. Frames on other sites get it only with
/// `SameSite=None`, which browsers take with `Secure` alone; on plain http, a loopback host, it is as the others are.
struct BrowserState: Sendable {
    private let isSecure: Bool
    private let name: String
    private let cookies: BrowserCookies
    private let authorizationPath: String

    /// Nil where the operator does not offer session management.
    init?(_ environment: ServerEnvironment) {
        guard environment.policy.offersSessionManagement else { return nil }
        isSecure = environment.issuer.isSecure
        name = (isSecure ? "__Host-" : "") + "martlet-state"
        cookies = BrowserCookies(environment.issuer)
        authorizationPath = environment.issuer.path + AuthorizationEndpoint.path
    }

    /// The answer, with the cookie where the session's changes, or was there before this one was offered.
    func follow(_ response: Response, to request: Request) -> Response {
        var response = response
        if let secret = cookies.sessionSecret(setBy: response) {
            response.setCookie(secret.isEmpty ? cookie("").removal() : cookie(of: secret))
        } else if request.path == authorizationPath, let secret = cookies.read(request).session,
            ((try? request.cookie(name)) ?? nil) == nil
        {
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
