import JOSE
import OAuthTypes

/// The address of an authorization request of the benchmark's application, and the proof that redeems its codes.
struct AuthorizationAddress {
    static let verifier = "the-proof-key-verifier-of-the-benchmark-0123456789"

    /// The path with the query.
    let target: String

    /// Asks for these scopes.
    init(scope: String, client: Installation.Client) {
        let parameters = [
            ("client_id", client.id), ("response_type", "code"), ("redirect_uri", Installation.redirectURI),
            ("scope", scope), ("state", "5a1c0de5a1c0de"), ("nonce", "n-0S6_WzA2Mj"), ("code_challenge_method", "S256"),
            ("code_challenge", SHA256.digest(of: AuthorizationAddress.verifier).base64URL),
        ]
        target = "/authorize?" + Form.encode(parameters)
    }

    /// The form that redeems a code.
    static func redemption(code: String) -> String {
        Form.encode([
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Installation.redirectURI),
            ("code_verifier", verifier),
        ])
    }
}

/// Forms from names and values.
enum Form {
    static func encode(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\($0.name)=\(FormParameters.encode($0.value))" }.joined(separator: "&")
    }
}
