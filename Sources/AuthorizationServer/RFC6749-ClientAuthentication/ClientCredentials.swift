import JOSE
public import OAuthTypes

/// What a request says about which client it comes from: RFC 6749 §2.3.1, by exactly one method.
public struct ClientCredentials: Sendable {
    let id: ClientID
    let secret: String?
    let method: ClientAuthenticationMethod

    /// Reads the `Authorization` header and the body; refuses two methods at once (§2.3) and none at all.
    public init(authorization: String?, form: FormParameters) throws(OAuthError) {
        guard form[.clientAssertion] == nil, form[.clientAssertionType] == nil else {
            throw OAuthError(.invalidClient, "client assertions are not supported")
        }
        guard let authorization else {
            guard let id = form[.clientID].flatMap({ ClientID($0) }) else {
                throw OAuthError(.invalidClient, "the client did not authenticate")
            }
            self.id = id
            secret = form[.clientSecret]
            method = secret == nil ? .none : .clientSecretPost
            return
        }
        guard form[.clientSecret] == nil else {
            throw OAuthError(.invalidRequest, "the client authenticated by more than one method")
        }
        let (id, secret) = try ClientCredentials.basic(authorization)
        if let named = form[.clientID], !named.utf8.elementsEqual(id.rawValue.utf8) {
            throw OAuthError(.invalidClient, "client_id differs from the authenticated client")
        }
        self.id = id
        self.secret = secret
        method = .clientSecretBasic
    }

    /// RFC 7617 §2, with both parts form-encoded inside (RFC 6749 §2.3.1).
    private static func basic(_ authorization: String) throws(OAuthError) -> (ClientID, String) {
        let refusal = OAuthError(.invalidClient, "the Authorization header holds no Basic credentials")
        let field = AuthorizationField(authorization)
        guard field.scheme == .basic, let bytes = Base64.decode(String(field.credentials)),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let id = (try? FormParameters.decode(bytes.span.extracting(..<colon))).flatMap({ ClientID($0) }),
            let secret = try? FormParameters.decode(bytes.span.extracting((colon + 1)...))
        else { throw refusal }
        return (id, secret)
    }
}
