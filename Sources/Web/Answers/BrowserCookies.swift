import AuthorizationServer
import Federation
import HTTP
import Identity
import JOSE
import OAuthTypes
import Stores

/// The cookies: one binds interactions to the browser, one is the session, one tells whose browser it is used to be, one
/// that a second factor was proven here and is remembered, one which language was chosen.
///
/// On https all are `__Host-` cookies: a sibling domain can neither read nor set them.
struct BrowserCookies: Sendable {
    private let isSecure: Bool
    private let browserName: String
    let sessionName: String
    private let deviceName: String

    /// What a request brings.
    struct Values: Sendable {
        let browser: String?
        let session: String?
        let device: String?
        let link: String?
    }
    private let linkName: String
    private let answerName: String
    private let lastName: String
    private let knownName: String
    private let languageName: String
    private let stayName: String

    init(_ issuer: Issuer) {
        isSecure = issuer.isSecure
        browserName = (isSecure ? "__Host-" : "") + "martlet-browser"
        sessionName = (isSecure ? "__Host-" : "") + "martlet-session"
        deviceName = (isSecure ? "__Host-" : "") + "martlet-device"
        linkName = (isSecure ? "__Host-" : "") + "martlet-link"
        answerName = (isSecure ? "__Host-" : "") + "martlet-answer"
        lastName = (isSecure ? "__Host-" : "") + "martlet-last"
        knownName = (isSecure ? "__Host-" : "") + "martlet-known"
        languageName = (isSecure ? "__Host-" : "") + "martlet-language"
        stayName = (isSecure ? "__Host-" : "") + "martlet-stay"
    }

    /// One of ours that came twice is a toss-up that an attacker may have made, and counts as none; others do not matter.
    ///
    /// A browser's secret that we cannot have made counts as none too: nobody is bound to a value of somebody's choice.
    func read(_ request: Request) -> Values {
        let browser = value(of: browserName, in: request)
        let isOurs = browser.flatMap { Base64URL.decode($0) }?.count == 32
        return Values(
            browser: isOurs ? browser : nil, session: value(of: sessionName, in: request),
            device: value(of: deviceName, in: request), link: value(of: linkName, in: request))
    }

    func browser(_ secret: String) -> SetCookie {
        SetCookie(name: browserName, value: secret, secure: isSecure, sameSite: .lax)
    }

    /// Kept for that time; nil for as long as the browser runs.
    func session(_ secret: String, for lifetime: Duration? = nil) -> SetCookie {
        SetCookie(name: sessionName, value: secret, secure: isSecure, sameSite: .lax, maxAge: lifetime)
    }

    /// That the person wished to stay signed in, while the password waits for the second factor.
    var stay: SetCookie {
        SetCookie(name: stayName, value: "yes", secure: isSecure, sameSite: .lax, maxAge: .seconds(900))
    }

    /// Whether they did.
    func isStaying(_ request: Request) -> Bool { value(of: stayName, in: request) == "yes" }

    var noStay: SetCookie { stay.removal() }

    func device(_ secret: String) -> SetCookie {
        SetCookie(
            name: deviceName, value: secret, secure: isSecure, sameSite: .lax, maxAge: RememberedDevices.lifetime)
    }

    /// The secret under which waits whom a connector has proven.
    func link(_ secret: String) -> SetCookie {
        SetCookie(name: linkName, value: secret, secure: isSecure, sameSite: .lax, maxAge: PendingLink.lifetime)
    }

    /// What a provider posted, sealed, on its way to where the other cookies are.
    func answer(_ sealed: String) -> SetCookie {
        SetCookie(name: answerName, value: sealed, secure: isSecure, sameSite: .lax, maxAge: PostedAnswer.lifetime)
    }

    /// That one; nil for none.
    func answer(of request: Request) -> String? { value(of: answerName, in: request) }

    /// By which connector somebody signed in last in this browser, so that it comes first; also after signing out.
    func lastConnector(_ id: String) -> SetCookie {
        SetCookie(
            name: lastName, value: id, secure: isSecure, sameSite: .lax, maxAge: .seconds(400 * 86_400))
    }

    /// That one; nil for none.
    func lastConnector(of request: Request) -> String? { value(of: lastName, in: request) }

    var noLink: SetCookie { link("").removal() }

    /// What known browsers keep (``KnownBrowsers``); also after signing out.
    func known(_ mark: String) -> SetCookie {
        SetCookie(
            name: knownName, value: mark, secure: isSecure, sameSite: .lax, maxAge: KnownBrowsers.lifetime)
    }

    /// The language that somebody chose in this browser; kept for as long as browsers keep cookies at most.
    func language(_ tag: String) -> SetCookie {
        SetCookie(
            name: languageName, value: tag, secure: isSecure, sameSite: .lax, maxAge: .seconds(400 * 86_400))
    }

    /// The language that was chosen; nil for none.
    func language(of request: Request) -> String? { value(of: languageName, in: request) }

    /// Where an attempt to sign in comes from.
    func origin(of request: Request) -> SignInOrigin {
        SignInOrigin(address: request.peer.bytes, mark: (try? request.cookie(knownName)) ?? nil)
    }

    var noSession: SetCookie { session("").removal() }

    private func value(of name: String, in request: Request) -> String? { (try? request.cookie(name)) ?? nil }
}

/// The browser a request came from, read once.
struct Visitor: Sendable {
    let browser: Browser
    let sessionSecret: String?
    let deviceSecret: String?
    /// The secret under which waits whom a connector has proven.
    let linkSecret: String?
    private let request: Request
    private let cookies: BrowserCookies

    init(_ request: Request, _ cookies: BrowserCookies, _ sessions: Sessions) async throws {
        let values = cookies.read(request)
        sessionSecret = values.session
        deviceSecret = values.device
        linkSecret = values.link
        (self.request, self.cookies) = (request, cookies)
        var session: Session?
        if let sessionSecret { session = try await sessions.find(sessionSecret, seen: Visitor.traits(of: request)) }
        browser = Browser(secret: values.browser, session: session)
    }

    /// Whether the person wished to stay signed in, when the password was typed.
    var isStaying: Bool { cookies.isStaying(request) }

    /// What a session keeps of the browser.
    var traits: BrowserTraits { Visitor.traits(of: request) }

    /// Where a security event comes from.
    var auditOrigin: AuditOrigin { request.auditOrigin }

    /// Where an attempt comes from, as the limits see it.
    var origin: SignInOrigin { cookies.origin(of: request) }

    private static func traits(of request: Request) -> BrowserTraits {
        BrowserTraits(userAgent: request.headers["User-Agent"], address: request.peer.bytes)
    }

    /// The digest of the browser's own cookie, for what is bound to it; forms come from no browser without one.
    var browserDigest: TokenDigest { TokenDigest(of: browser.secret ?? "") }
}
