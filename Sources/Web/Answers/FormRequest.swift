import AuthorizationServer
import HTTP
import OAuthTypes

extension Request {
    /// Whether the content claims to be a form: `application/x-www-form-urlencoded`, with or without a charset.
    var hasForm: Bool {
        guard let value = headers["Content-Type"], headers.count(of: "Content-Type") == 1 else { return false }
        let type = value.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
        return type.elementsEqual(Request.formType.utf8) { ($0 | 0x20) == ($1 | 0x20) }
    }

    private static let formType = "application/x-www-form-urlencoded"

    /// The posted form: RFC 6749 appendix B.
    func form() throws(OAuthError) -> FormParameters {
        guard hasForm else {
            throw OAuthError(
                .invalidRequest, "the content type must be application/x-www-form-urlencoded",
                advice: "the request needs Content-Type: application/x-www-form-urlencoded",
                rule: "RFC 6749 §3.2, appendix B")
        }
        do {
            return try FormParameters(decoding: body)
        } catch {
            throw OAuthError(
                .invalidRequest, "the form is malformed",
                advice: "the content is name=value joined by &, percent-encoded UTF-8", rule: "RFC 6749 appendix B")
        }
    }

    /// The one `Authorization` field; two are refused, since a proxy may have looked at the other one.
    func authorization() throws(OAuthError) -> String? {
        guard headers.count(of: "Authorization") < 2 else {
            throw OAuthError(
                .invalidRequest, "the Authorization header was sent more than once", advice: "the header comes once",
                rule: "RFC 9110 §5.3, §11.6.2")
        }
        return headers["Authorization"]
    }

    /// The parameters of the address.
    func queryParameters() throws(OAuthError) -> FormParameters {
        do {
            return try FormParameters(decoding: query)
        } catch {
            throw OAuthError(
                .invalidRequest, "the query is malformed",
                advice: "the query is name=value joined by &, percent-encoded UTF-8", rule: "RFC 6749 §3.1, appendix B")
        }
    }

    /// Where a form that another site posted is sent again as an address; nil where it cannot be.
    ///
    /// Such a post comes without our cookies (`SameSite`); the same request as an address has them.
    func moved(to path: String) -> String? {
        // With the rest of its line it stays below what the server reads.
        guard hasForm, body.count <= 6 * 1024,
            body.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else { return nil }
        return path + "?" + String(decoding: body, as: UTF8.self)
    }

    /// Whether a browser says that another site made this request.
    ///
    /// Our pages send no referrer, so browsers write `Origin: null` on our own posts; `Sec-Fetch-Site` tells them apart.
    func comesFromElsewhere(than issuer: Issuer) -> Bool {
        // Whoever sends one of these twice is no browser.
        guard headers.count(of: "Sec-Fetch-Site") < 2, headers.count(of: "Origin") < 2 else { return true }
        if let site = headers["Sec-Fetch-Site"] { return site != "same-origin" }
        guard let origin = headers["Origin"], origin != "null" else { return false }
        return origin != issuer.origin
    }
}
