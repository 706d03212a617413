import HTTP
import JOSE
import JSON
import OAuthTypes
import Stores

extension Upstream {
    /// Who the person is, by an answer whose state was read: every check of the way back, in order.
    public func identity(_ answer: Answer, _ state: SignInState) async throws -> UpstreamIdentity {
        let metadata = try await metadata()
        try checkIssuer(answer, metadata)  // RFC 9207 §2.4
        if let error = answer.form[Parameter("error")] { throw Upstream.fault(ofAnswer: error) }
        guard let code = answer.form[Parameter("code")], code.utf8.count <= 4096 else {
            throw UpstreamFault.foreignAnswer(.malformedAnswer)
        }
        try await spend(answer, state)
        let tokens = try await redeem(code, state, metadata)
        var profile: Profile
        var evidence = Evidence()
        switch connector.kind {
        case .openID: (profile, evidence) = try await self.profile(by: tokens, state, metadata)
        case .oauth2, .ldap:
            profile = try await self.profile(calling: settings.userInfoEndpoint, with: tokens.accessToken)
        }
        if let endpoint = settings.emailsEndpoint {
            (profile.email, profile.isEmailVerified) = (try await mainAddress(endpoint, tokens.accessToken), true)
        }
        // Apple tells the name once, beside the code, and nobody signs it.
        if profile.name == nil { profile.name = answer.nameBesideTheCode }
        var identity = try decide(profile, evidence)
        identity.tokens = kept(of: tokens, metadata)
        return identity
    }

    /// What is kept of the tokens of a sign-in.
    private func kept(of tokens: Tokens, _ metadata: UpstreamMetadata) -> UpstreamTokens {
        var kept = UpstreamTokens()
        if settings.signsOut == true {
            kept.idToken = tokens.idToken
            kept.endSessionEndpoint = metadata.endSessionEndpoint
        }
        guard settings.keepsTokens == true else { return kept }
        kept.accessToken = tokens.accessToken
        kept.refreshToken = tokens.refreshToken
        kept.expiresAt = tokens.expiresAt
        kept.scope = tokens.scope
        return kept
    }

    private func checkIssuer(_ answer: Answer, _ metadata: UpstreamMetadata) throws(UpstreamFault) {
        guard let named = answer.form[Parameter("iss")] else {
            guard !metadata.namesIssuerInAnswers else { throw .foreignAnswer(.missingIssuer) }
            return
        }
        guard issuer.admits(named: named) else { throw .foreignAnswer(.wrongIssuer) }
    }

    /// RFC 6749 §4.1.2.1: what a person or a provider has refused is no fault of anybody's.
    private static func fault(ofAnswer error: String) -> UpstreamFault {
        switch error {
        case "access_denied", "user_cancelled_login", "user_cancelled_authorize", "user_cancelled_authorization",
            "user_denied", "consent_required", "login_required", "interaction_required":
            .declined
        case "server_error", "temporarily_unavailable": .unavailable(.serverError)
        case "unauthorized_client", "invalid_client": .misconfigured(.refusedClient)
        case "invalid_scope": .misconfigured(.refusedScope)
        default: .misconfigured(.refusedRequest)
        }
    }

    /// Of any number of answers with the same state one counts.
    private func spend(_ answer: Answer, _ state: SignInState) async throws {
        let digest = SHA256.digest(of: Array((answer.form[Parameter("state")] ?? "").utf8))
        guard let digest = TokenDigest(bytes: digest.bytes),
            try await parts.spent.spend(digest, expiresAt: state.issuedAt + SignInState.lifetime)
        else { throw UpstreamFault.foreignAnswer(.replayedState) }
    }

    struct Tokens: Sendable {
        let accessToken: String
        let idToken: String?
        let refreshToken: String?
        let scope: String?
        let expiresAt: Timestamp?
    }

    /// RFC 6749 §4.1.3.
    func redeem(
        _ code: String, _ state: SignInState, _ metadata: UpstreamMetadata
    ) async throws(UpstreamFault) -> Tokens {
        var fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI),
        ]
        if settings.usesPKCE != false { fields.append(("code_verifier", state.verifier)) }
        return try await tokens(for: fields, metadata)
    }

    /// RFC 6749 §6: new tokens of a session, for what is kept of the old ones; nil where the provider gives no more.
    public func renewed(_ old: UpstreamTokens) async throws(UpstreamFault) -> UpstreamTokens? {
        guard let refreshToken = old.refreshToken else { return nil }
        let metadata = try await metadata()
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refreshToken)]
        let tokens: Tokens
        do throws(UpstreamFault) {
            tokens = try await self.tokens(for: fields, metadata)
        } catch {
            guard error == .foreignAnswer(.refusedCode) else { throw error }
            return nil
        }
        var new = old
        new.accessToken = tokens.accessToken
        new.expiresAt = tokens.expiresAt
        new.refreshToken = tokens.refreshToken ?? refreshToken
        new.scope = tokens.scope ?? old.scope
        return new
    }

    private func tokens(
        for grant: [(String, String)], _ metadata: UpstreamMetadata
    ) async throws(UpstreamFault) -> Tokens {
        var fields = grant
        var call = OutgoingCall(.post, metadata.tokenEndpoint, limit: 128 * 1024)
        try authenticate(&call, &fields)
        call.headers.set("Content-Type", "application/x-www-form-urlencoded")
        call.body = Array(fields.map { "\($0)=\(FormParameters.encode($1))" }.joined(separator: "&").utf8)
        let request = call
        let answer = try await circuit.run(at: parts.clock.now, isPersonal: true) { () async throws(UpstreamFault) in
            try await self.call(request)
        }
        let object = try? JSONObject(parsing: answer.body)
        // GitHub answers errors with 200.
        if let error = object?["error"]?.string ?? (answer.status == 200 ? nil : "") {
            throw Upstream.fault(ofTokenEndpoint: error, answer.status)
        }
        guard let token = object?["access_token"]?.string, !token.isEmpty,
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw .untrusted(.malformedTokenResponse) }
        let seconds = object?["expires_in"]?.integer.map { min(max($0, 0), 366 * 86_400) }
        return Tokens(
            accessToken: token, idToken: object?["id_token"]?.string, refreshToken: object?["refresh_token"]?.string,
            scope: object?["scope"]?.string, expiresAt: seconds.map { parts.clock.now + .seconds($0) })
    }

    private static func fault(ofTokenEndpoint error: String, _ status: Int) -> UpstreamFault {
        switch error {
        case "invalid_client", "incorrect_client_credentials", "unauthorized_client": .misconfigured(.refusedClient)
        case "redirect_uri_mismatch": .misconfigured(.wrongRedirectURI)
        case "invalid_grant", "bad_verification_code": .foreignAnswer(.refusedCode)
        default: status == 401 ? .misconfigured(.refusedClient) : .misconfigured(.refusedRequest)
        }
    }

    private func authenticate(
        _ call: inout OutgoingCall, _ fields: inout [(String, String)]
    ) throws(UpstreamFault) {
        let id = settings.clientID ?? ""
        switch settings.authentication ?? .basic {
        case .none:
            fields.append(("client_id", id))
        case .basic:
            // RFC 6749 §2.3.1: both are form-encoded first.
            let pair = FormParameters.encode(id) + ":" + FormParameters.encode(try secretText())
            call.headers.set("Authorization", "Basic " + Base64.encode(Array(pair.utf8)))
        case .post:
            fields += [("client_id", id), ("client_secret", try secretText())]
        case .signedSecret:
            fields += [("client_id", id), ("client_secret", try signedSecret())]
        }
    }

    func secretText() throws(UpstreamFault) -> String {
        guard let secret else { throw .misconfigured(.noSecret) }
        return secret.withBytes { bytes in
            bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// A call of an API in the person's name, where no token says who they are.
    private func profile(
        calling endpoint: String?, with token: String
    ) async throws(UpstreamFault) -> Profile {
        Profile(try await object(calling: endpoint, with: token), settings.claims)
    }

    func object(calling endpoint: String?, with token: String) async throws(UpstreamFault) -> JSONObject {
        guard let object = try await value(calling: endpoint, with: token).object else {
            throw .untrusted(.malformedProfile)
        }
        return object
    }

    private func value(calling endpoint: String?, with token: String) async throws(UpstreamFault) -> JSONValue {
        guard let endpoint else { throw .misconfigured(.noDiscovery) }
        var call = OutgoingCall(.get, endpoint, limit: 128 * 1024)
        call.headers.set("Authorization", "Bearer " + token)
        let request = call
        let answer = try await circuit.run(at: parts.clock.now, isPersonal: true) { () async throws(UpstreamFault) in
            try await self.call(request)
        }
        guard answer.status == 200 else { throw .misconfigured(.refusedProfile) }
        guard let value = try? JSONValue(parsing: answer.body) else { throw .untrusted(.malformedProfile) }
        return value
    }

    private func mainAddress(_ endpoint: String, _ token: String) async throws(UpstreamFault) -> String? {
        Profile.mainAddress(in: try await value(calling: endpoint, with: token))
    }
}

extension Upstream.Answer {
    /// The name that Apple posts beside the code, the first time only.
    fileprivate var nameBesideTheCode: String? {
        guard let text = form[Parameter("user")], text.utf8.count <= 2048,
            let name = (try? JSONObject(parsing: Array(text.utf8)))?["name"]
        else { return nil }
        let parts = [name["firstName"]?.string, name["lastName"]?.string].compactMap(\.self).filter { !$0.isEmpty }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }
}
