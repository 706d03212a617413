import JOSE
import JSON
public import OAuthTypes
import Stores

/// What a client compares to see whether the browser's session is still the one it knows: Session Management §2, §3.2.
public enum SessionState {
    /// The path of the page that clients frame, below the issuer.
    public static let path = "/check-session"

    /// What a script at our own origin may read of a session: `OP browser state`.
    ///
    /// Another one as soon as the session has another secret; says nothing of the secret.
    public static func browserState(of digest: TokenDigest) -> String {
        SHA256.digest(of: Array("martlet browser state".utf8) + [0] + digest.bytes).base64URL
    }

    /// `session_state` of an answer; nil where the redirect URI has no origin that a page could be at.
    static func value(
        for client: ClientID, at redirectURI: VerifiedRedirectURI, in session: Session, salt: String
    ) -> String? {
        guard let origin = origin(of: redirectURI.rawValue) else { return nil }
        return value(client, origin, browserState(of: session.digest), salt)
    }

    static func value(_ client: ClientID, _ origin: String, _ browserState: String, _ salt: String) -> String {
        SHA256.digest(of: Array("\(client.rawValue) \(origin) \(browserState) \(salt)".utf8)).base64URL + "." + salt
    }

    /// The origin as browsers write it: small letters, no port that goes without saying (RFC 6454 §6.2).
    static func origin(of text: String) -> String? {
        guard let address = WebAddress(text) else { return nil }
        let origin = address.origin.lowercased()
        for (scheme, port) in [("https://", ":443"), ("http://", ":80")]
        where origin.hasPrefix(scheme) && origin.hasSuffix(port) {
            return String(origin.dropLast(port.count))
        }
        return origin
    }

    /// What the server says of it: §3.3; nothing where the operator does not offer it.
    static func encodeMetadata(_ issuer: Issuer, _ policy: Policy, to writer: inout JSONWriter) {
        guard policy.offersSessionManagement else { return }
        writer.member("check_session_iframe", issuer.address(of: path))
    }
}
