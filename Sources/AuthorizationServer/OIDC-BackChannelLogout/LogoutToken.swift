public import JOSE
public import JSON
import OAuthTypes
import Stores

/// Tells a client that a session is over: Back-Channel Logout §2.4.
///
/// Never has a `nonce`, so that nobody takes it for an ID token.
public struct LogoutToken: JSONEncodable, Sendable {
    /// §2.4: what `typ` says.
    public static let type: JWSType = "logout+jwt"
    /// The one member of `events`.
    public static let event = "http://schemas.openid.net/event/backchannel-logout"
    /// From issue to expiry: as long as a delivery takes, twice over.
    static let lifetime = Duration.seconds(120)

    let issuer: String
    let audience: ClientID
    let issuedAt: Timestamp
    /// `jti`: the same in every attempt to deliver it.
    let identifier: String
    /// `sub`; nil where the person is known to nobody any more.
    let subject: String?
    /// `sid`.
    let session: String

    /// Writes the claims.
    public func encode(to writer: inout JSONWriter) {
        writer.object {
            $0.member("iss", issuer)
            $0.member("aud", audience.rawValue)
            $0.member("iat", issuedAt.seconds)
            $0.member("exp", (issuedAt + LogoutToken.lifetime).seconds)
            $0.member("jti", identifier)
            $0.member("sub", subject)
            $0.member("sid", session)
            $0.member("events", [LogoutToken.event: [:]] as JSONValue)
        }
    }
}
