import AuthorizationServer
import OAuthTypes

/// What the form of a page may lead to.
///
/// Browsers apply `form-action` to the redirects behind a post as well.
enum FormTarget: Sendable {
    /// Our own addresses only.
    case ourselves
    /// Also where the client is: its callback may send the browser on to another host of its own.
    case client(RedirectURI)
    /// Also where other providers are, which send people on to hosts of their own, and the client behind them, if any.
    ///
    /// A form that somebody managed to put into such a page could post to any host, as on the pages of a client on the
    /// web; links to providers need none of it, so only pages have it whose forms lead there.
    case providers(RedirectURI?)
}

/// The headers of every page: ASVS 3.4.
enum SecurityHeaders {
    /// The policy of a page; `foreign` is where the widget of a challenge comes from, empty on every other page.
    ///
    /// `framed` are the origins of clients that the page of a sign-out frames (Front-Channel Logout §2).
    static func policy(
        _ target: FormTarget, _ foreign: [String] = [], framed: [String] = [], of issuer: Issuer
    ) -> String {
        let widget = foreign.map { " " + $0 }.joined()
        let frames = widget + Set(framed.map(source)).sorted().map { " " + $0 }.joined()
        return "default-src 'none'; style-src 'self'\(widget); script-src 'self'\(widget); img-src 'self'; "
            + "connect-src 'self'\(widget); \(frames.isEmpty ? "" : "frame-src\(frames); ")"
            + "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'" + sources(target, issuer)
    }

    static func page(_ issuer: Issuer) -> [(name: String, value: String)] {
        common(issuer) + [
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("X-Frame-Options", "DENY"),
        ]
    }

    /// Of every answer whatsoever.
    static func common(_ issuer: Issuer) -> [(name: String, value: String)] {
        let always = [("X-Content-Type-Options", "nosniff")]
        guard issuer.isSecure else { return always }
        return always + [("Strict-Transport-Security", "max-age=31536000; includeSubDomains")]
    }

    /// The policy of the one page that others frame, which loads one script of ours: Session Management §3.2.
    ///
    /// By whom is not for this list to say: every client may, and its origin is part of what it must know.
    static func framedPolicy(_ issuer: Issuer) -> String {
        "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors https:"
            + (issuer.isSecure ? "" : " http:")
    }

    /// An origin in a policy; IPv6 has no host source of its own.
    private static func source(_ origin: String) -> String {
        guard origin.contains("[") else { return origin }
        return String(origin.prefix { $0 != "/" })
    }

    private static func sources(_ target: FormTarget, _ issuer: Issuer) -> String {
        if case .providers(let uri) = target {
            // In development a provider is on this machine as well; in production a form has nothing to look for there.
            let known = [" https:", issuer.isSecure ? "" : loopback]
            let client = uri.map { sources(.client($0), issuer) } ?? ""
            return known.joined() + (known.contains(client) ? "" : client)
        }
        guard case .client(let uri) = target else { return "" }
        if uri.isPrivateUse { return " " + uri.rawValue.prefix { $0 != ":" } + ":" }
        if uri.rawValue.hasPrefix("https:") { return " https:" }
        // A loopback client moves between ports and names of the same machine; IPv6 has no host source of its own.
        return uri.rawValue.hasPrefix("http://[") ? " http:" : loopback
    }

    private static let loopback = " http://localhost:* http://127.0.0.1:*"
}
