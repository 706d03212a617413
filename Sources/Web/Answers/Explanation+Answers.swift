import AuthorizationServer
import OAuthTypes
import Pages

extension Explanation {
    /// Explains a problem of the calls by which clients sign people in; `refusal` is what led to it, if that was one.
    init(of problem: AuthProblem, because refusal: OAuthError?) {
        self.init(
            code: problem.code.rawValue, check: problem.code.title,
            section: "\(AuthOperation.root)\(AuthOperation.readDocument.path)",
            received: problem.errors.isEmpty
                ? [] : ["at fault: " + problem.errors.map(\.pointer).joined(separator: ", ")],
            advice: refusal?.advice ?? refusal?.summary.description ?? "")
    }

    /// Explains why a sign-in cannot go on.
    init(of reason: InteractionOverPage.Reason) {
        let (check, advice) =
            switch reason {
            case .finished: ("this request of a client was answered before", "the person pressed Back, or reloaded")
            case .expired: ("this request of a client waits no more", "the person has to begin anew at the client")
            case .otherBrowser:
                ("this request of a client waits in another browser", "its cookie is missing, or is another one")
            case .unknown: ("no request of a client waits at this address", "it is over, or never was")
            }
        self.init(code: "interaction_over", check: check, section: "RFC 9700 §4.7", advice: advice)
    }

    /// Explains a page in place of what was asked for; nil where another line of the log does, or nothing was refused.
    init?(of kind: ErrorPage.Kind) {
        switch kind {
        case .unanswerable, .failure, .busy, .stayed: return nil
        case .forbidden:
            self.init(
                code: "forbidden", check: "the form was not posted by a page of ours in the same browser",
                section: "RFC 6749 §10.12, OpenID Connect Core §16.11",
                advice: "the browser has to take cookies; a page that was open for long has to be opened anew")
        case .notFound:
            self.init(code: "not_found", check: "there is nothing at this address", section: "RFC 9110 §15.5.5")
        case .wrongMethod:
            self.init(
                code: "wrong_method", check: "the address takes other methods", section: "RFC 9110 §15.5.6")
        case .tooLarge:
            self.init(
                code: "too_large", check: "the content is longer than this address takes", section: "RFC 9110 §15.5.14")
        case .tooMany(let seconds):
            self.init(
                code: "too_many", check: "a limit on attempts or mails was reached", section: "RFC 6585 §4",
                advice: "it is over in \(seconds) seconds; every limit is a setting: martlet serve --help")
        }
    }
}
