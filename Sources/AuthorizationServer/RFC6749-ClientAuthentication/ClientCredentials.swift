import JOSE
public import OAuthTypes

/// What a request says about which client it comes from: RFC 6749 §2.3.1, RFC 7521 §4.2, by exactly one method.
public struct ClientCredentials: Sendable {
    enum Proof: Sendable {
        case nothing
        case secret(String)
        case assertion(ClientAssertion)
    }

    /// Whom they claim to be of.
    public let id: ClientID
    let proof: Proof
    let method: ClientAuthenticationMethod

    /// Whether they are a secret, which somebody may have guessed.
    public var isSecret: Bool { secret != nil }

    /// The secret, where that is the proof.
    var secret: String? { if case .secret(let secret) = proof { secret } else { nil } }

    /// Reads the `Authorization` header and the body; refuses two methods at once (§2.3) and none at all.
    public init(authorization: String?, form: FormParameters) throws(OAuthError) {
        let ways = [authorization, form[.clientSecret], form[.clientAssertion] ?? form[.clientAssertionType]]
        guard ways.count(where: { $0 != nil }) <= 1 else {
            throw OAuthError(
                .invalidRequest, "the client authenticated by more than one method",
                advice: "use one of the Authorization header, client_secret, and client_assertion",
                rule: "RFC 6749 §2.3")
        }
        if ways[2] != nil {
            let assertion = try ClientAssertion(form)
            id = assertion.clientID
            proof = .assertion(assertion)
            method = assertion.method
        } else if let authorization {
            let (id, secret) = try ClientCredentials.basic(authorization)
            self.id = id
            proof = .secret(secret)
            method = .clientSecretBasic
        } else {
            guard let id = form[.clientID].flatMap({ ClientID($0) }) else {
                throw OAuthError(
                    .invalidClient, "the client did not authenticate", nearest: .client, rule: "RFC 6749 §2.3.1, §5.2")
            }
            self.id = id
            proof = form[.clientSecret].map { .secret($0) } ?? .nothing
            method = form[.clientSecret] == nil ? .none : .clientSecretPost
        }
        if let named = form[.clientID], !named.utf8.elementsEqual(id.rawValue.utf8) {
            throw OAuthError(
                .invalidClient, "client_id differs from the authenticated client",
                advice: "client_id may be left out beside a header or an assertion, which names \(id)",
                rule: "RFC 6749 §2.3.1, RFC 7521 §4.2")
        }
    }

    /// RFC 7617 §2, with both parts form-encoded inside (RFC 6749 §2.3.1).
    private static func basic(_ authorization: String) throws(OAuthError) -> (ClientID, String) {
        let refusal = OAuthError(
            .invalidClient, "the Authorization header holds no Basic credentials",
            advice: "the header is Basic and base64 of client_id:secret, each of the two form-encoded first",
            rule: "RFC 6749 §2.3.1, RFC 7617 §2")
        let field = AuthorizationField(authorization)
        guard field.scheme == .basic, let bytes = Base64.decode(String(field.credentials)),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let id = (try? FormParameters.decode(bytes.span.extracting(..<colon))).flatMap({ ClientID($0) }),
            let secret = try? FormParameters.decode(bytes.span.extracting((colon + 1)...))
        else { throw refusal }
        return (id, secret)
    }
}
