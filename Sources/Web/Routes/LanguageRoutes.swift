import AuthorizationServer
import HTTP
import OAuthTypes
import Pages

/// Takes the language that somebody chose at the foot of a page, and shows that page again.
struct LanguageRoutes: Sendable {
    static let path = "/language"
    /// Bytes of an address that is led back to.
    private static let addressLimit = 2048

    let answers: PageAnswers
    let cookies: BrowserCookies
    let issuer: Issuer

    init(_ parts: Site.Parts, _ answers: PageAnswers) {
        self.answers = answers
        issuer = parts.environment.issuer
        cookies = BrowserCookies(issuer)
    }

    var routes: [Route] {
        [Route(.post, LanguageRoutes.path, bodyLimit: OwnForm.contentLimit) { choose($0) }]
    }

    /// The form has no token: it stands on pages that are shown to browsers without our cookie, and all that another site
    /// could do with it, if browsers did not tell us, is to change a language.
    private func choose(_ request: Request) -> Response {
        guard !request.comesFromElsewhere(than: issuer), let form = try? request.form(), form.repeated.isEmpty,
            let language = answers.pages.languages.first(where: { $0.tag == form[Parameter("language")] }),
            let back = form[Parameter("back")], LanguageRoutes.leadsBack(back, below: issuer)
        else { return answers.forbidden(for: request) }
        var response = answers.leave(to: back)
        response.setCookie(cookies.language(language.tag))
        return response
    }

    /// Whether an address is one of our own pages, and as short as pages' addresses are.
    static func leadsBack(_ address: String, below issuer: Issuer) -> Bool {
        let bytes = address.utf8
        return bytes.count <= addressLimit && address.hasPrefix(issuer.path + "/") && !address.hasPrefix("//")
            && bytes.allSatisfy { (0x21...0x7E).contains($0) && !"\\\"<>#".utf8.contains($0) }
    }
}
