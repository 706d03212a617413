import JOSE
import OAuthTypes
import Stores

/// What an access token is for, and what follows from that: RFC 8707 §2.2, RFC 9068 §3.
struct TokenTarget: Sendable {
    /// Empty for this server, the one resource where none is named.
    let audience: [ResourceIdentifier]
    /// What the request may have.
    let granted: ScopeSet
    /// The same, but for what means nothing there.
    let scopes: ScopeSet
    let format: AccessTokenFormat
    let lifetime: Duration
    /// Nil for an opaque token.
    let signer: TokenSigner?

    /// A token for the client or for what was granted to it, where a request names no resource or these of them.
    ///
    /// `allowed` is what the authorization request named; nil where there was none. Where the token request names nothing,
    /// the token is for all that was granted, as far as one token can be for them. It is made before anything is spent.
    init(
        _ asked: [ResourceIdentifier], of allowed: [ResourceIdentifier]?, scopes: ScopeSet, for client: Client,
        in environment: ServerEnvironment
    ) async throws {
        let policy = environment.policy
        self.granted = scopes
        guard !asked.isEmpty || allowed.map({ !$0.isEmpty }) ?? false else {
            audience = []
            self.scopes = scopes
            format = client.metadata.accessTokenFormat ?? .jwt
            lifetime = policy.accessTokenLifetime
            signer = try TokenTarget.signer(format, nil, in: environment)
            return
        }
        let issuer = environment.issuer
        if let allowed {
            let isGranted = asked.allSatisfy { id in
                allowed.isEmpty ? issuer.isOwn(id) : allowed.contains(id)
            }
            guard isGranted else { throw ResourceIndicators.foreign }
        }
        let known = try await environment.clients.resources()
        let named = asked.isEmpty ? allowed ?? [] : asked
        let there = named.compactMap { ResourceTarget($0, for: client, among: known, at: issuer) }
        guard !there.isEmpty, asked.isEmpty || there.count == asked.count else { throw ResourceIndicators.unknown }
        // Each by itself: a server that looks for its name alone must not take a token that has no scope of its own.
        let fitting = there.filter { $0.fits(scopes) }
        // Nor must somebody else get to see a token that this server takes: they could show it here.
        let isForOthers = fitting.contains { !issuer.isOwn($0.id) }
        let alike = fitting.filter { issuer.isOwn($0.id) != isForOthers }
        guard let first = alike.first, asked.isEmpty || fitting.count == there.count else {
            throw ResourceIndicators.scopeless
        }
        let targets = alike.filter { $0.goes(with: first) }
        guard asked.isEmpty || targets.count == fitting.count else { throw ResourceIndicators.differing }
        audience = targets.map(\.id)
        self.scopes = targets.narrowed(scopes)
        format = first.format
        // Whatever is configured: no token outlives the key that verifies it.
        lifetime = min(
            targets.map { $0.tokenLifetime ?? policy.accessTokenLifetime }.min() ?? policy.accessTokenLifetime,
            policy.keyRetirement)
        signer = try TokenTarget.signer(first.format, first.algorithm, in: environment)
        if let signer, signer.isInDevice { try await signer.prepare() }
    }

    private static func signer(
        _ format: AccessTokenFormat, _ algorithm: SignatureAlgorithm?, in environment: ServerEnvironment
    ) throws(KeyRing.LoadError) -> TokenSigner? {
        guard format == .jwt else { return nil }
        guard let algorithm else {
            guard let signers = environment.keys.signers else { throw .noCurrentKey }
            return signers.accessToken
        }
        guard let signers = environment.keys.signers(for: algorithm) else { throw .noKey(algorithm) }
        return signers.accessToken
    }
}
