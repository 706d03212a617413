import JSON
import OAuthTypes
import Stores

extension Participation {
    /// A client that is to be told of the end of a session that it gets an ID token in; nil for one that wants to hear
    /// nothing, or gets none: Back-Channel Logout §2.2, Front-Channel Logout §2.
    init?(of client: Client, in session: Session, with scopes: ScopeSet, _ environment: ServerEnvironment) {
        let metadata = client.metadata
        guard scopes.contains(.openid),
            metadata.backchannelLogoutURI != nil || metadata.frontchannelLogoutURI != nil
        else { return nil }
        self.init(
            id: environment.newIdentifier(), sessionID: session.id, clientID: client.id, userID: session.userID,
            createdAt: environment.clock.now, expiresAt: session.expiresAt)
    }
}

/// What the server says of it: Back-Channel Logout §2.1.
enum BackChannelLogout {
    static func encodeMetadata(to writer: inout JSONWriter) {
        writer.member("backchannel_logout_supported", true)
        writer.member("backchannel_logout_session_supported", true)
    }
}
