import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages

/// The inbox of development mode: what would have been sent.
struct InboxRoutes: Sendable {
    static let path = "/inbox"

    let answers: PageAnswers
    let issuer: Issuer
    let inbox: Inbox

    init(_ parts: Site.Parts, _ inbox: Inbox, _ answers: PageAnswers) {
        self.answers = answers
        issuer = parts.environment.issuer
        self.inbox = inbox
    }

    var routes: [Route] {
        [
            // A name that a stranger points at this machine must not show what is in the mails.
            Route(.get, InboxRoutes.path) { answers.elsewhere($0) ?? list($0) },
            Route(.get, InboxRoutes.path + "/:number") { answers.elsewhere($0) ?? html($0) },
        ]
    }

    private func list(_ request: Request) -> Response {
        let mails = inbox.mails.map { number, message in
            InboxPage.Mail(
                number: number, recipient: message.recipient.rawValue, subject: message.content.subject.value,
                time: message.date.internetDate, text: message.content.text,
                htmlURL: "\(issuer.path)\(InboxRoutes.path)/\(number)")
        }
        return answers.page(InboxPage(mails: mails), for: request)
    }

    /// The HTML of one mail, as a document that may do nothing but look and be left by a link.
    private func html(_ request: Request) -> Response {
        guard let number = request.parameter("number").flatMap(Int.init), let message = inbox.mail(number) else {
            return answers.miss(.notFound, of: request)
        }
        var response = Response.html(Array(message.content.html.utf8))
        SecurityHeaders.page(issuer).forEach { response.headers.set($0.name, $0.value) }
        response.headers.set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                + "sandbox allow-popups allow-top-navigation-by-user-activation")
        return response
    }
}
