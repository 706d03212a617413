public import JSON
public import OAuthTypes

/// What the token endpoint answers: RFC 6749 §5.1, OpenID Connect Core §3.1.3.3.
public struct TokenResponse: JSONEncodable, Sendable {
    /// RFC 9068.
    public let accessToken: String
    /// Seconds that it lives.
    public let expiresIn: Int64
    /// The successor of the presented one, or the first.
    public let refreshToken: String?
    /// When `openid` was granted.
    public let idToken: String?
    /// What was granted; always stated (RFC 6749 §3.3), but for a client that may have none.
    public let scope: ScopeSet

    /// Writes the members in the order of §5.1.
    public func encode(to writer: inout JSONWriter) {
        writer.object {
            $0.member("access_token", accessToken)
            $0.member("token_type", "Bearer")
            $0.member("expires_in", expiresIn)
            $0.member("refresh_token", refreshToken)
            $0.member("id_token", idToken)
            $0.member("scope", scope.isEmpty ? nil : scope.description)
        }
    }
}
