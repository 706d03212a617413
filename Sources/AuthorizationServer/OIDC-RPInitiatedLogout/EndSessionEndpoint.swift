public import OAuthTypes
public import Stores

/// End-session endpoint: OpenID Connect RP-Initiated Logout §2.
public struct EndSessionEndpoint: Sendable {
    /// The path below the issuer.
    public static let path = "/logout"

    let environment: ServerEnvironment

    /// The endpoint in an environment.
    public init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    /// What becomes of a request to sign out.
    public enum Decision: Sendable {
        /// The person is asked first: nothing proves that they want it.
        case confirm(Session, Client?, returningTo: RedirectURI?)
        /// The browser is signed out; `location` is where the client wants the person, nil for our own page.
        case signedOut(location: String?, Client?)
        /// The request is not in order: nobody was signed out, nobody is sent anywhere.
        case page(OAuthError, Client?)
    }

    /// Whether the person has confirmed.
    public enum Consent: Sendable {
        /// The request came from wherever.
        case unasked
        /// The person pressed the button of our own page.
        case confirmed
    }

    /// Judges a request by its query or form body.
    public func respond(to form: [UInt8], session: Session?, consent: Consent) async throws -> Decision {
        guard let parameters = try? FormParameters(decoding: form), parameters.repeated.isEmpty else {
            return .page(OAuthError(.invalidRequest, "the request is malformed or repeats a parameter"), nil)
        }
        let hint: IDTokenHint?
        if let text = parameters[.idTokenHint] {
            guard let read = IDTokenHint(text, keys: environment.keys, issuer: environment.issuer) else {
                return .page(OAuthError(.invalidRequest, "id_token_hint is not an ID token of this issuer"), nil)
            }
            hint = read
        } else {
            hint = nil
        }
        let named = parameters[.clientID]
        guard hint == nil || named == nil || hint?.audience == named.flatMap({ ClientID($0) }) else {
            return .page(OAuthError(.invalidRequest, "client_id differs from the audience of id_token_hint"), nil)
        }
        var client: Client?
        if let id = hint?.audience ?? named.flatMap({ ClientID($0) }) {
            client = try await environment.clients.find(id)
        }
        var location: String?
        var returnURI: RedirectURI?
        if let target = parameters[.postLogoutRedirectURI] {
            returnURI = client?.postLogoutRedirectURIs.first { $0.rawValue.utf8.elementsEqual(target.utf8) }
            guard returnURI != nil else {
                return .page(
                    OAuthError(.invalidRequest, "post_logout_redirect_uri is not registered for the client"), client)
            }
            // §3: without a hint nothing proves that this client sent the person here.
            if hint != nil { location = EndSessionEndpoint.location(target, state: parameters[.state]) }
        }
        guard let session else {
            try await endGrants(of: hint, for: client)
            return .signedOut(location: location, client)
        }
        let isProven =
            hint.map { hint in
                hint.sessionID == session.id
                    && environment.subjects.isSubject(hint.subject, of: session.userID, at: client)
            } ?? false
        guard isProven || consent == .confirmed else { return .confirm(session, client, returningTo: returnURI) }
        _ = try await environment.storage.sessions.end(session.digest, at: environment.clock.now)
        return .signedOut(location: location, client)
    }

    /// Ends what still hangs on the session of a hint that has ended by itself: the browser has nothing to show for it any
    /// more, and the person is to be signed out.
    ///
    /// A session that somebody uses stays: a hint may be read in logs, and the browser that has the session is another.
    private func endGrants(of hint: IDTokenHint?, for client: Client?) async throws {
        guard let hint, let id = hint.sessionID else { return }
        let (grants, now) = (environment.storage.grants, environment.clock.now)
        // The time of the last use may be a minute old.
        let moment = now - environment.policy.sessionIdleLifetime - .seconds(60)
        guard let owner = try await grants.owner(ofUnused: id, since: moment, at: now),
            environment.subjects.isSubject(hint.subject, of: owner, at: client)
        else { return }
        try await grants.revokeAll(of: id, of: owner, at: now)
    }

    private static func location(_ target: String, state: String?) -> String {
        guard let state else { return target }
        return target + (target.contains("?") ? "&" : "?") + "state=" + FormParameters.encode(state)
    }
}
