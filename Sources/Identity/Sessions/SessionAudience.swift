public import OAuthTypes

/// Whose cookie a session's secret is: the same secret opens nothing anywhere else.
public enum SessionAudience: Sendable, Hashable {
    /// Our own pages.
    case pages
    /// One client that signs people in itself.
    case client(ClientID)

    /// What is hashed: a secret of ours has no zero byte, so no two audiences share a text.
    func text(_ secret: String) -> [UInt8] {
        switch self {
        case .pages: Array(secret.utf8)
        case .client(let id): Array(secret.utf8) + [0] + Array(id.rawValue.utf8)
        }
    }
}
