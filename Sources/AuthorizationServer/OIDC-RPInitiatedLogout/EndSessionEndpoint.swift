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
        /// The browser is signed out; `location` is where the client wants the person, nil for our own page. First the page
        /// shows the frames, where there are any.
        case signedOut(location: String?, Client?, frames: [LogoutFrame])
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
    ///
    /// `lapsed` is a session that lets nobody in any more, for it was not used for too long or by another browser, and
    /// that has not ended: its clients are to hear of the end. Any page can lead a browser here, so that it takes a proof
    /// or the person's word as for one that is in use: its grants may be, and where it is bound to a network the person
    /// may come back.
    public func respond(
        to form: [UInt8], session: Session?, lapsed: Session? = nil, consent: Consent
    ) async throws -> Decision {
        guard let parameters = try? FormParameters(decoding: form), parameters.repeated.isEmpty else {
            return .page(
                OAuthError(
                    .invalidRequest, "the request is malformed or repeats a parameter",
                    advice: "the request is form-encoded in UTF-8, and each parameter comes once",
                    rule: "OpenID Connect RP-Initiated Logout §2"), nil)
        }
        let hint: IDTokenHint?
        if let text = parameters[.idTokenHint] {
            guard let read = IDTokenHint(text, keys: environment.keys, issuer: environment.issuer) else {
                return .page(
                    OAuthError(
                        .invalidRequest, "id_token_hint is not an ID token of this issuer",
                        advice: "id_token_hint must be an ID token as this server signed it, whole; it may be expired",
                        rule: "OpenID Connect RP-Initiated Logout §2"), nil)
            }
            hint = read
        } else {
            hint = nil
        }
        let named = parameters[.clientID]
        guard hint == nil || named == nil || hint?.audience == named.flatMap({ ClientID($0) }) else {
            return .page(
                OAuthError(
                    .invalidRequest, "client_id differs from the audience of id_token_hint",
                    advice:
                        "client_id may be left out beside id_token_hint, whose aud is \(hint?.audience.rawValue ?? "")",
                    rule: "OpenID Connect RP-Initiated Logout §2"), nil)
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
                    OAuthError(
                        .invalidRequest, "post_logout_redirect_uri is not registered for the client",
                        nearest: .postLogoutRedirectURI, rule: "OpenID Connect RP-Initiated Logout §3"), client)
            }
            // §3: without a hint nothing proves that this client sent the person here.
            if hint != nil { location = EndSessionEndpoint.location(target, state: parameters[.state]) }
        }
        guard let session = session ?? lapsed else {
            try await endGrants(of: hint, for: client)
            return .signedOut(location: location, client, frames: [])
        }
        let isProven =
            hint.map { hint in
                hint.session == environment.sessionNames.name(of: session.id, at: hint.audience)
                    && environment.subjects.isSubject(hint.subject, of: session.userID, at: client)
            } ?? false
        guard isProven || consent == .confirmed else { return .confirm(session, client, returningTo: returnURI) }
        return .signedOut(location: location, client, frames: try await end(session))
    }

    /// Ends a session; answers the frames of its clients, which nothing knows of afterwards.
    private func end(_ session: Session) async throws -> [LogoutFrame] {
        let frames = try await LogoutFrame.all(of: session, environment)
        _ = try await environment.storage.sessions.end(session.digest, at: environment.clock.now)
        return frames
    }

    /// Ends what still hangs on the session of a hint that has ended by itself: the browser has nothing to show for it any
    /// more, and the person is to be signed out.
    ///
    /// A session that somebody uses stays: a hint may be read in logs, and the browser that has the session is another.
    private func endGrants(of hint: IDTokenHint?, for client: Client?) async throws {
        let (grants, now) = (environment.storage.grants, environment.clock.now)
        guard let hint, let client, let user = try await owner(of: hint, for: client, at: now) else { return }
        let named = try await grants.clients(of: user, at: now).first {
            $0.clientID == client.id && environment.sessionNames.name(of: $0.sessionID, at: client.id) == hint.session
        }
        guard let id = named?.sessionID else { return }
        // The time of the last use may be a minute old.
        let moment = now - environment.policy.sessionIdleLifetime - .seconds(60)
        guard try await grants.owner(ofUnused: id, since: moment, at: now) == user else { return }
        try await grants.revokeAll(of: id, of: user, at: now)
    }

    /// The person whom a hint is about; what a pairwise subject stands for is told by what the token came of alone, while
    /// that is there.
    private func owner(of hint: IDTokenHint, for client: Client, at now: Timestamp) async throws -> UserID? {
        var user = UserID(rawValue: hint.subject)
        if client.metadata.subjectType == .pairwise {
            guard let id = hint.grant, let grant = try await environment.storage.grants.find(id, at: now),
                grant.clientID == client.id
            else { return nil }
            user = grant.userID
        }
        return environment.subjects.isSubject(hint.subject, of: user, at: client) ? user : nil
    }

    private static func location(_ target: String, state: String?) -> String {
        guard let state else { return target }
        return target + (target.contains("?") ? "&" : "?") + "state=" + FormParameters.encode(state)
    }
}
