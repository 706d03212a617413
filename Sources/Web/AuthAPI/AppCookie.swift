import AuthorizationServer
import HTTP
import JOSE
import OAuthTypes

/// The session cookie of one client with cookies: each client has one of its own name.
///
/// No page of another site has the browser send it (`SameSite=Strict`), and its secret opens nothing at another client,
/// nor at our pages (`SessionAudience`).
struct AppCookie: Sendable {
    private let name: String
    private let isSecure: Bool

    static func prefix(_ issuer: Issuer) -> String { (issuer.isSecure ? "__Host-" : "") + "martlet-app-" }

    init(of client: ClientID, _ issuer: Issuer) {
        let digest = SHA256.digest(of: client.rawValue).bytes
        name = AppCookie.prefix(issuer) + Base64URL.encode(Array(digest.prefix(9)))
        isSecure = issuer.isSecure
    }

    /// One that came twice counts as none: nobody knows which is ours.
    func read(_ request: Request) -> String? { (try? request.cookie(name)) ?? nil }

    func cookie(_ secret: String) -> SetCookie {
        SetCookie(name: name, value: secret, secure: isSecure, sameSite: .strict)
    }

    var removal: SetCookie { cookie("").removal() }
}
