import AuthorizationServer
import HTTP
import OAuthTypes

extension Request {
    /// Whether the content claims to be a form: `application/x-www-form-urlencoded`, with or without a charset.
    var hasForm: Bool {
        guard let value = headers["Content-Type"] else { return false }
        let type = value.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
        return type.elementsEqual(Request.formType.utf8) { ($0 | 0x20) == ($1 | 0x20) }
    }

    private static let formType = "application/x-www-form-urlencoded"

    /// The posted form: RFC 6749 appendix B.
    func form() throws(OAuthError) -> FormParameters {
        guard hasForm else {
            throw OAuthError(.invalidRequest, "the content type must be application/x-www-form-urlencoded")
        }
        do {
            return try FormParameters(decoding: body)
        } catch {
            throw OAuthError(.invalidRequest, "the form is malformed")
        }
    }

    /// Whether a browser says that another site made this request.
    ///
    /// Our pages send no referrer, so browsers write `Origin: null` on our own posts; `Sec-Fetch-Site` tells them apart.
    func comesFromElsewhere(than issuer: Issuer) -> Bool {
        if let site = headers["Sec-Fetch-Site"] { return site != "same-origin" }
        guard let origin = headers["Origin"], origin != "null" else { return false }
        return origin != issuer.origin
    }
}
