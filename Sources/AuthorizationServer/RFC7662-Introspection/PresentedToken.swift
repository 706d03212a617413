import OAuthTypes
import Stores

/// A token of whatever kind as somebody shows it to be judged: RFC 7009 §2.1, RFC 7662 §2.1.
enum PresentedToken: Sendable {
    /// An access token of ours whose time is now; whether it was revoked is not known yet.
    case access(VerifiedAccessToken)
    /// A refresh token of ours, with its grant and its number.
    case refresh(Grant, generation: Int64)
    /// Nothing that is valid now.
    case other

    init(_ text: String, at now: Timestamp, in environment: ServerEnvironment) async throws {
        if let token = environment.refreshTokens.read(text) {
            guard let grant = try await environment.storage.grants.find(token.grant, at: now) else {
                self = .other
                return
            }
            self = .refresh(grant, generation: token.generation)
        } else if let access = try await environment.accessToken(text, at: now) {
            self = .access(access)
        } else {
            self = .other
        }
    }
}
