import JOSE
import JSON
import TokenVerifier

/// An issuer with one key, which signs what it is told.
struct Issuer: Sendable {
    static let url = "https://id.example"
    let key: SigningKey

    init() throws { key = try SigningKey.generate() }

    /// An access token, with some members changed; `null` removes.
    func accessToken(_ change: JSONObject = [:], type: JWSType? = "at+jwt") throws -> String {
        let claims: JSONObject = [
            "iss": .string(Self.url), "aud": "https://api.example", "sub": "ada", "client_id": "app",
            "scope": "read write",
            "iat": .integer(FixedClock.start), "exp": .integer(FixedClock.start + 900), "jti": "1",
        ]
        return try sign(claims, change, type)
    }

    /// An ID token, with some members changed; `null` removes.
    func idToken(_ change: JSONObject = [:], type: JWSType? = "JWT") throws -> String {
        let claims: JSONObject = [
            "iss": .string(Self.url), "aud": "app", "sub": "ada", "nonce": "n-1", "iat": .integer(FixedClock.start),
            "exp": .integer(FixedClock.start + 300), "auth_time": .integer(FixedClock.start - 60),
            "amr": ["pwd", "otp"],
        ]
        return try sign(claims, change, type)
    }

    private func sign(_ claims: JSONObject, _ change: JSONObject, _ type: JWSType?) throws -> String {
        var claims = claims
        for member in change { claims[member.name] = member.value.isNull ? nil : member.value }
        return try JWTSigner(key: key, type: type).sign(JSONValue.object(claims))
    }
}

/// What a call is refused with; `nil` if it is not.
func refusal(_ body: () async throws(TokenRefusal) -> some Sendable) async -> TokenRefusal? {
    do throws(TokenRefusal) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
