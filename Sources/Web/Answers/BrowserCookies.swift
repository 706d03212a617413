import AuthorizationServer
import HTTP
import Identity
import JOSE
import OAuthTypes
import Stores

/// The three cookies: one binds interactions to the browser, one is the session, one says that a second factor was
/// proven here and is remembered.
///
/// On https all are `__Host-` cookies: a sibling domain can neither read nor set them.
struct BrowserCookies: Sendable {
    private let isSecure: Bool
    private let browserName: String
    private let sessionName: String
    private let deviceName: String

    /// What a request brings.
    struct Values: Sendable {
        let browser: String?
        let session: String?
        let device: String?
    }

    init(_ issuer: Issuer) {
        isSecure = issuer.isSecure
        browserName = (isSecure ? "__Host-" : "") + "martlet-browser"
        sessionName = (isSecure ? "__Host-" : "") + "martlet-session"
        deviceName = (isSecure ? "__Host-" : "") + "martlet-device"
    }

    /// One of ours that came twice is a toss-up that an attacker may have made, and counts as none; others do not matter.
    ///
    /// A browser's secret that we cannot have made counts as none too: nobody is bound to a value of somebody's choice.
    func read(_ request: Request) -> Values {
        let browser = value(of: browserName, in: request)
        let isOurs = browser.flatMap { Base64URL.decode($0) }?.count == 32
        return Values(
            browser: isOurs ? browser : nil, session: value(of: sessionName, in: request),
            device: value(of: deviceName, in: request))
    }

    func browser(_ secret: String) -> SetCookie {
        SetCookie(name: browserName, value: secret, secure: isSecure, sameSite: .lax)
    }

    func session(_ secret: String) -> SetCookie {
        SetCookie(name: sessionName, value: secret, secure: isSecure, sameSite: .lax)
    }

    func device(_ secret: String) -> SetCookie {
        SetCookie(
            name: deviceName, value: secret, secure: isSecure, sameSite: .lax, maxAge: RememberedDevices.lifetime)
    }

    var noSession: SetCookie { session("").removal() }

    private func value(of name: String, in request: Request) -> String? { (try? request.cookie(name)) ?? nil }
}

/// The browser a request came from, read once.
struct Visitor: Sendable {
    let browser: Browser
    let sessionSecret: String?
    let deviceSecret: String?
    private let userAgent: String?
    private let address: [UInt8]

    init(_ request: Request, _ cookies: BrowserCookies, _ sessions: Sessions) async throws {
        let values = cookies.read(request)
        sessionSecret = values.session
        deviceSecret = values.device
        let (userAgent, address) = (request.headers["User-Agent"], request.peer.bytes)
        (self.userAgent, self.address) = (userAgent, address)
        var session: Session?
        if let sessionSecret {
            session = try await sessions.find(
                sessionSecret, seen: BrowserTraits(userAgent: userAgent, address: address))
        }
        browser = Browser(secret: values.browser, session: session)
    }

    /// What a session keeps of the browser.
    var traits: BrowserTraits { BrowserTraits(userAgent: userAgent, address: address) }

    /// Where an attempt comes from, as the limits see it.
    var origin: SignInOrigin { SignInOrigin(address: address) }

    /// The digest of the browser's own cookie, for what is bound to it; forms come from no browser without one.
    var browserDigest: TokenDigest { TokenDigest(of: browser.secret ?? "") }
}
