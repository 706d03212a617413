import HTTP
import JOSE
import JSON
public import OAuthTypes
public import Stores

/// Signing out at the provider as well: OpenID Connect RP-Initiated Logout §2, seen from the client.
public struct Farewell: Sendable {
    /// By which the session began.
    public let upstream: Upstream
    private let idToken: String?
    private let endpoint: String

    /// Where the browser goes after it signed out here; `target` is where it would have gone, nil for nowhere.
    ///
    /// The provider sends it back to an address of the connector, which goes on to the target in this browser alone.
    public func address(leadingTo target: String?, in browser: TokenDigest) -> String? {
        var writer = JSONWriter(capacity: 256)
        writer.object {
            $0.member("l", target)
            $0.member("t", (upstream.parts.clock.now + Farewell.lifetime).microseconds)
        }
        guard
            let sealed = try? upstream.parts.masterKey.seal(
                writer.bytes, purpose: Farewell.sealing, boundTo: browser.bytes)
        else { return nil }
        var fields = [
            ("client_id", upstream.settings.clientID ?? ""),
            ("post_logout_redirect_uri", upstream.signedOutAddress), ("state", Base64URL.encode(sealed)),
        ]
        if let idToken { fields.append(("id_token_hint", idToken)) }
        let query = fields.map { "\($0)=\(FormParameters.encode($1))" }.joined(separator: "&")
        return endpoint + (endpoint.contains("?") ? "&" : "?") + query
    }

    private static let lifetime = Duration.seconds(10 * 60)
    private static let sealing: StaticString = "federation farewell"

    init(to upstream: Upstream, _ endpoint: String, _ idToken: String?) {
        self.upstream = upstream
        self.endpoint = endpoint
        self.idToken = idToken
    }

    /// What somebody who comes back goes on to; nil for nowhere, or where it is not of this browser.
    static func target(_ state: String, in browser: TokenDigest, _ parts: Upstream.Parts) -> String? {
        guard state.utf8.count <= 8192, let sealed = Base64URL.decode(state),
            let opened = try? parts.masterKey.open(sealed, purpose: sealing, boundTo: browser.bytes),
            let object = opened.withBytes({ bytes in
                try? JSONObject(parsing: bytes.withUnsafeBufferPointer { Array($0) })
            }), let end = object["t"]?.integer, parts.clock.now < Timestamp(microseconds: end)
        else { return nil }
        return object["l"]?.string
    }
}

extension Upstream {
    /// Where the provider sends people back to after it signed them out.
    public var signedOutAddress: String { parts.root + Upstream.signedOutPath(connector.id) }

    /// The same below the issuer.
    public static func signedOutPath(_ id: ConnectorID) -> String { "/federation/" + id.rawValue + "/signed-out" }
}

extension Federation {
    /// How a session is ended at its provider too; nil where it did not begin at one, or that is not wanted or offered.
    ///
    /// Asks the provider nothing: one that hangs keeps nobody from signing out here.
    public func farewell(of session: Session?, in store: any UpstreamSessionStore) async throws -> Farewell? {
        guard let session, let record = try await store.find(session.id, at: parts.clock.now),
            let upstream = try await find(record.connector), upstream.settings.signsOut == true, !upstream.isResting
        else { return nil }
        let tokens = record.sealedTokens.flatMap { UpstreamTokens($0, of: session.id, parts.masterKey) }
        // A node that has not met the provider yet knows what it said when the session began.
        guard let endpoint = upstream.knownEndSessionEndpoint ?? tokens?.endSessionEndpoint else { return nil }
        return Farewell(to: upstream, endpoint, tokens?.idToken)
    }

    /// Where somebody goes on to who comes back from signing out at a provider; nil for nowhere.
    public func target(afterFarewell state: String, in browser: TokenDigest) -> String? {
        Farewell.target(state, in: browser, parts)
    }

    /// The record of a session that began by a connector.
    public func record(_ identity: UpstreamIdentity, of session: Session) throws -> UpstreamSession {
        UpstreamSession(
            sessionID: session.id, connector: identity.connector, subject: identity.subject,
            providerSession: identity.providerSession, userID: session.userID,
            sealedTokens: try identity.tokens.sealed(for: session.id, by: parts.masterKey),
            createdAt: parts.clock.now, expiresAt: session.expiresAt)
    }
}
