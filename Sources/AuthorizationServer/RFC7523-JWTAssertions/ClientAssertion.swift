import JOSE
import OAuthTypes
import Stores

/// A client assertion as a request presents it, nothing of it believed yet: RFC 7521 §4.2, RFC 7523 §2.2.
struct ClientAssertion: Sendable {
    /// The value of `client_assertion_type`.
    static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    /// The type of token that newer clients name, so that no other token of theirs can be shown as one.
    static let tokenType: JWSType = "client-authentication+jwt"

    let token: UnverifiedJWT
    /// Whom it claims to be of: `iss` and `sub` (§3).
    let clientID: ClientID
    let algorithm: AssertionAlgorithm

    /// How a client that sends it authenticates.
    var method: ClientAuthenticationMethod {
        switch algorithm {
        case .signature: .privateKeyJWT
        case .mac: .clientSecretJWT
        }
    }

    init(_ form: FormParameters) throws(OAuthError) {
        guard form[.clientAssertionType] == ClientAssertion.type else {
            throw ClientAssertion.refusal("client_assertion_type must be \(ClientAssertion.type)")
        }
        guard let text = form[.clientAssertion] else { throw ClientAssertion.refusal("client_assertion is missing") }
        guard let token = try? UnverifiedJWT(parsing: text), let claims = try? token.unverifiedClaims() else {
            throw ClientAssertion.refusal("client_assertion is no JWT")
        }
        guard let subject = claims.subject, claims.issuer.map({ $0.utf8.elementsEqual(subject.utf8) }) ?? false,
            let id = ClientID(subject)
        else { throw ClientAssertion.refusal("iss and sub of the client assertion must both be the client_id") }
        guard let algorithm = AssertionAlgorithm(rawValue: token.header.algorithm) else {
            throw ClientAssertion.refusal("no such alg of a client assertion is taken here")
        }
        self.token = token
        clientID = id
        self.algorithm = algorithm
    }

    private static func refusal(_ advice: String) -> OAuthError {
        OAuthError(
            .invalidClient, "the client assertion is malformed or of another type", advice: advice,
            rule: "RFC 7521 §4.2, RFC 7523 §2.2")
    }
}
