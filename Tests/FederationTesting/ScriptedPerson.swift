public import JSON

/// Somebody who has an account at a scripted provider.
public struct ScriptedPerson: Sendable {
    /// What the ID token says of them, besides what every ID token says.
    public var claims: JSONObject
    /// What the call of the API says of them.
    public var profile: JSONObject
    /// What the list of addresses says.
    public var addresses: [JSONValue] = []
    /// Who signs for them, where that is another than the provider's own name.
    public var issuer: String?

    /// Somebody known by a word, with an address that is verified.
    public init(
        _ subject: String = "ada", email: String? = "ada@example.org", isVerified: Bool = true,
        name: String? = "Ada Lovelace"
    ) {
        claims = ["sub": .string(subject)]
        if let email {
            claims["email"] = .string(email)
            claims["email_verified"] = .bool(isVerified)
        }
        if let name { claims["name"] = .string(name) }
        profile = claims
    }

    /// Somebody of whom exactly that is said, in both places.
    public init(claims: JSONObject) {
        self.claims = claims
        profile = claims
    }
}
