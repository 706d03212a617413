public import OAuthTypes

/// An access token as a request presents it: RFC 6750 §2, by exactly one method.
public struct BearerToken: Sendable {
    let rawValue: String

    /// Reads the `Authorization` header and, of a form posted with its content type, the body (§2.2).
    ///
    /// Nil where there is none, which is answered by a challenge without an error code (§3.1). The query (§2.3) is refused:
    /// addresses end up in logs.
    public init?(authorization: String?, form: FormParameters?, query: FormParameters) throws(OAuthError) {
        let repeated = query.repeated + (form?.repeated ?? [])
        guard !repeated.contains(.accessToken) else {
            throw OAuthError(
                .invalidRequest, "the access token was sent more than once",
                advice: "the token comes once, best in the Authorization header", rule: "RFC 6750 §2, §3.1")
        }
        guard query[.accessToken] == nil else {
            throw OAuthError(
                .invalidRequest, "an access token must not be in the address",
                advice: "send the token in the Authorization header", rule: "RFC 6750 §2.3, RFC 9700 §4.3.2")
        }
        let inHeader = try authorization.flatMap { (value) throws(OAuthError) in try BearerToken.token(in: value) }
        let inBody = form?[.accessToken]
        guard inHeader == nil || inBody == nil else {
            throw OAuthError(
                .invalidRequest, "the access token was sent by more than one method",
                advice: "send the token in the Authorization header alone", rule: "RFC 6750 §2")
        }
        guard let token = inHeader ?? inBody else { return nil }
        rawValue = token
    }

    private static func token(in authorization: String) throws(OAuthError) -> String? {
        let field = AuthorizationField(authorization)
        // Another scheme is no bearer token.
        guard field.scheme == .bearer else { return nil }
        let token = String(field.credentials)
        guard !token.isEmpty, !hasSpace(token.utf8.span) else {
            throw OAuthError(
                .invalidRequest, "the Authorization header is malformed",
                advice: "the header is Bearer, one space and the token", rule: "RFC 6750 §2.1")
        }
        return token
    }

    private static func hasSpace(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where text[index] == UInt8(ascii: " ") { return true }
        return false
    }
}
