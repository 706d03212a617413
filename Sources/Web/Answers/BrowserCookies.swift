import AuthorizationServer
import HTTP
import Identity
import JOSE
import Stores

/// The cookies: one binds interactions to the browser, one is the session, one tells whose browser it is used to be.
///
/// On https all are `__Host-` cookies: a sibling domain can neither read nor set them.
struct BrowserCookies: Sendable {
    private let isSecure: Bool
    private let browserName: String
    private let sessionName: String
    private let knownName: String

    init(_ issuer: Issuer) {
        isSecure = issuer.isSecure
        browserName = (isSecure ? "__Host-" : "") + "martlet-browser"
        sessionName = (isSecure ? "__Host-" : "") + "martlet-session"
        knownName = (isSecure ? "__Host-" : "") + "martlet-known"
    }

    /// One of ours that came twice is a toss-up that an attacker may have made, and counts as none; others do not matter.
    ///
    /// A browser's secret that we cannot have made counts as none too: nobody is bound to a value of somebody's choice.
    func read(_ request: Request) -> (browser: String?, session: String?) {
        let browser = (try? request.cookie(browserName)) ?? nil
        let session = (try? request.cookie(sessionName)) ?? nil
        let isOurs = browser.flatMap { Base64URL.decode($0) }?.count == 32
        return (isOurs ? browser : nil, session)
    }

    func browser(_ secret: String) -> SetCookie {
        SetCookie(name: browserName, value: secret, secure: isSecure, sameSite: .lax)
    }

    func session(_ secret: String) -> SetCookie {
        SetCookie(name: sessionName, value: secret, secure: isSecure, sameSite: .lax)
    }

    /// What known browsers keep (``KnownBrowsers``); also after signing out.
    func known(_ mark: String) -> SetCookie {
        SetCookie(
            name: knownName, value: mark, secure: isSecure, sameSite: .lax, maxAge: KnownBrowsers.lifetime)
    }

    /// Where an attempt to sign in comes from.
    func origin(of request: Request) -> SignInOrigin {
        SignInOrigin(address: request.peer.bytes, mark: (try? request.cookie(knownName)) ?? nil)
    }

    var noSession: SetCookie { session("").removal() }
}

/// The browser a request came from, read once.
struct Visitor: Sendable {
    let browser: Browser
    let sessionSecret: String?

    init(_ request: Request, _ cookies: BrowserCookies, _ sessions: Sessions) async throws {
        let (browserSecret, sessionSecret) = cookies.read(request)
        self.sessionSecret = sessionSecret
        var session: Session?
        if let sessionSecret { session = try await sessions.find(sessionSecret) }
        browser = Browser(secret: browserSecret, session: session)
    }
}
