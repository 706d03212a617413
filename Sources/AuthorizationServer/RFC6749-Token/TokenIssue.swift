import JOSE
import OAuthTypes
import Stores

/// The issue step that the grants share: signs what was decided.
///
/// Nothing behind `kept` can refuse.
struct TokenIssue: Sendable {
    let environment: ServerEnvironment

    /// An access token as its client gets it.
    struct Access: Sendable {
        let text: String
        let lifetime: Duration
    }

    init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    /// The access token of a grant where it is one that is kept; nil for a JWT, which nobody keeps.
    ///
    /// Before what it comes of is spent: a store that fails then costs nobody a code or a family. Where the spending fails
    /// in turn, what is kept is known to nobody, and dies within the hour.
    func kept(of grant: Grant, for client: Client, _ target: TokenTarget) async throws -> Access? {
        guard target.format == .opaque else { return nil }
        return try await access(of: grant, for: client, target)
    }

    private func access(of grant: Grant, for client: Client, _ target: TokenTarget) async throws -> Access {
        let mapped = try await environment.mappedClaims(
            of: grant.userID, in: .accessToken, for: client.id, target.scopes)
        let token = accessToken(
            .person(
                grant, subject: environment.subjects.subject(of: grant.userID, at: client),
                context: context(of: grant, ClaimsRequest(kept: grant.claims))),
            client: grant.clientID, target, mapped, notBeyond: grant.expiresAt)
        return Access(text: try await text(of: token, target), lifetime: token.expiresAt - token.issuedAt)
    }

    /// Tokens of a grant that a person gave; `kept` is what was made of it before.
    func tokens(
        of grant: Grant, for client: Client, _ target: TokenTarget, nonce: String?, kept: Access? = nil
    ) async throws -> TokenResponse {
        let access: Access
        if let kept { access = kept } else { access = try await self.access(of: grant, for: client, target) }
        var idToken: String?
        if target.granted.contains(.openid) { idToken = try await self.idToken(of: grant, for: client, nonce: nonce) }
        return TokenResponse(
            accessToken: access.text,
            expiresIn: access.lifetime.wholeSeconds,
            refreshToken: grant.refresh.flatMap {
                environment.refreshTokens.token(of: grant.id, generation: $0.generation)
            },
            idToken: idToken,
            scope: target.scopes
        )
    }

    /// The ID token of a grant; `code` is what it vouches for in the front channel (OpenID Connect Core §3.3.2.11).
    func idToken(
        of grant: Grant, for client: Client, nonce: String?, goingWith code: String? = nil
    ) async throws -> String {
        let now = environment.clock.now
        let asked = ClaimsRequest(kept: grant.claims)
        let algorithm = client.metadata.idTokenSignedResponseAlg ?? environment.keys.algorithms.first
        let claims = IDToken(
            issuer: environment.issuer,
            grant: grant,
            subject: environment.subjects.subject(of: grant.userID, at: client),
            session: environment.sessionNames.name(of: grant.sessionID, at: client.id),
            identifier: IDToken.identifier(of: grant, for: client, at: now),
            nonce: nonce,
            codeHash: code.flatMap { algorithm?.leftHalf(ofHashOf: $0) },
            context: context(of: grant, asked),
            told: try await told(asked, to: grant),
            mapped: try await environment.mappedClaims(
                of: grant.userID, in: .idToken, for: client.id, grant.scopes),
            issuedAt: now,
            expiresAt: now + environment.policy.idTokenLifetime
        )
        guard client.metadata.idTokenEncryptedResponseAlg != nil else {
            return try await environment.keys.signers(of: client).idToken.sign(claims)
        }
        let encrypter = try await environment.idTokenEncrypter(for: client)
        let token = try await environment.keys.signers(of: client).idToken.sign(claims)
        return try encrypter?.encrypt(token) ?? token
    }

    /// What the sign-in is called: `acr`.
    private func context(of grant: Grant, _ asked: ClaimsRequest) -> String {
        environment.policy.ladder.name(
            of: AuthenticationContext(grant.methods), asked: asked.strength?.names ?? [])
    }

    /// What was asked for in the ID token by name: OpenID Connect Core §5.5.
    private func told(_ asked: ClaimsRequest, to grant: Grant) async throws -> [PersonClaims.Told] {
        guard !asked.idToken.isEmpty, let user = try await environment.storage.users.find(grant.userID) else {
            return []
        }
        let isDetailed = asked.idToken.contains(where: \.isDetail)
        let details = isDetailed ? try await environment.storage.profiles.find(user.id) : nil
        return PersonClaims(user: user, details: details).told(for: [], and: asked.idToken, in: asked.locales)
    }

    /// A token for the client itself.
    func token(for client: Client, _ target: TokenTarget) async throws -> TokenResponse {
        TokenResponse(
            accessToken: try await text(of: accessToken(.client, client: client.id, target), target),
            expiresIn: target.lifetime.wholeSeconds,
            refreshToken: nil,
            idToken: nil,
            scope: target.scopes
        )
    }

    private func text(of token: AccessToken, _ target: TokenTarget) async throws -> String {
        guard let signer = target.signer else { return try await OpaqueAccessTokens(environment).issue(token) }
        return try await signer.sign(token)
    }

    private func accessToken(
        _ subject: AccessToken.Subject, client: ClientID, _ target: TokenTarget, _ mapped: MappedClaims = .none,
        notBeyond end: Timestamp? = nil
    ) -> AccessToken {
        let now = environment.clock.now
        return AccessToken(
            issuer: environment.issuer,
            audience: target.audience,
            subject: subject,
            clientID: client,
            scopes: target.scopes,
            issuedAt: now,
            expiresAt: min(now + target.lifetime, end ?? Timestamp(microseconds: .max)),
            identifier: Base64URL.encode(environment.random.bytes(16)),
            mapped: mapped
        )
    }
}
