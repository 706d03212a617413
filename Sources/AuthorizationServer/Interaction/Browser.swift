import OAuthTypes
public import Stores

/// What a browser brought along: its own cookie, which binds interactions to it, and the session it is signed in to.
public struct Browser: Sendable {
    /// The secret of the browser's cookie; nil where it has none yet.
    public let secret: String?
    /// The living session of its session cookie.
    public let session: Session?

    /// A browser by its two cookies.
    public init(secret: String?, session: Session?) {
        self.secret = secret
        self.session = session
    }
}
