import AuthorizationServer
import HTTP
import OAuthTypes

/// A form that one of our own pages sent: ASVS 3.5.1.
///
/// It carries the token of that page and this browser, repeats nothing, and no browser says that another site sent it.
struct OwnForm: Sendable {
    let fields: FormParameters

    /// Bytes of content that routes of such forms take: far above the longest address and password together.
    static let contentLimit = 16 * 1024

    /// Nil for any other form.
    init?(_ request: Request, purpose: String, browser secret: String?, _ environment: ServerEnvironment) {
        guard let form = try? request.form(), form.repeated.isEmpty,
            !request.comesFromElsewhere(than: environment.issuer), let secret,
            let token = form[Parameter("csrf")],
            environment.formTokens.verifies(token, for: purpose, browser: secret)
        else { return nil }
        fields = form
    }
}
