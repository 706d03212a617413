import AuthorizationServer
import HTTP
import Pages

/// The page that clients frame to ask whether the browser's session has changed: Session Management §3.2.
///
/// The one page of ours that others may frame. It shows nothing and leads nowhere, so that there is nothing to be tricked
/// into; its script is a file of ours, and all that it may load.
struct SessionCheckRoutes: Sendable {
    private let response: PreparedResponse

    /// Nil where the operator does not offer it.
    init?(_ parts: Site.Parts) {
        guard parts.environment.policy.offersSessionManagement, let script = parts.pages.assets["check-session.js"]
        else {
            return nil
        }
        let issuer = parts.environment.issuer
        var headers: Headers = ["Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache"]
        for (name, value) in SecurityHeaders.common(issuer) { headers.set(name, value) }
        headers.set("Content-Security-Policy", SecurityHeaders.framedPolicy(issuer))
        headers.set("Referrer-Policy", "no-referrer")
        // Nobody reads it: no template, no words.
        let page = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Session</title>\
            <script src="\(issuer.path)\(script.path)"></script></head><body></body></html>

            """
        response = PreparedResponse(headers: headers, body: Array(page.utf8))
    }

    var routes: [Route] {
        [Route(.get, SessionState.path) { [response] _ in .prepared(response) }]
    }
}
