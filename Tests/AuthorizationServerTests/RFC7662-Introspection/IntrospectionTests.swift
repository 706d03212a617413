import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Synchronization
import Testing

@Suite("Introspection endpoint", .spec("RFC 7662"))
struct IntrospectionTests {
    /// A resource server of the issuer's own resource.
    private func resourceServer(_ resource: String = "https://id.example") throws -> Client {
        var client = Client.confidential("api", grantTypes: [.clientCredentials])
        client.metadata = try ClientMetadata(["martlet_resources": [.string(resource)]])
        return client
    }

    @Test(.spec("N-01", "RFC 7662 §2.2"), arguments: [nil, "access_token", "refresh_token", "mystery"])
    func tellsWhatAnAccessTokenIs(_ hint: String?) async throws {
        let server = try await TestServer()
        let api = try await server.register(resourceServer())
        let tokens = try await server.redeem(server.authorize([.scope: "openid email"]))
        let claims = try tokens.accessClaims
        for caller in [server.client, api] {
            let answer = try await server.introspect(tokens.accessToken, hint: hint, from: caller)
            #expect(
                answer.map(\.name) == [
                    "active", "scope", "client_id", "token_type", "exp", "iat", "sub", "aud", "iss", "jti",
                    "auth_time", "acr", "amr",
                ])
            #expect(answer["active"]?.bool == true && answer["token_type"]?.string == "Bearer")
            #expect(answer["scope"]?.string == "openid email" && answer["client_id"]?.string == "shop")
            #expect(answer["sub"]?.string == server.user.id.rawValue && answer["aud"]?.string == "https://id.example")
            #expect(answer["iss"]?.string == "https://id.example" && answer["jti"]?.string == claims.jwtID)
            #expect(answer["exp"]?.integer == claims.expiresAt && answer["iat"]?.integer == claims.issuedAt)
            #expect(answer["auth_time"]?.integer == claims["auth_time"]?.integer)
        }
    }

    @Test func tellsWhatATokenOfTheClientsOwnIs() async throws {
        let server = try await TestServer()
        let token = try await server.token([.grantType: "client_credentials", .scope: "orders:read"])
        let answer = try await server.introspect(token.accessToken)
        #expect(
            answer.map(\.name) == [
                "active", "scope", "client_id", "token_type", "exp", "iat", "sub", "aud", "iss", "jti",
            ])
        #expect(answer["sub"]?.string == "shop" && answer["scope"]?.string == "orders:read")
    }

    @Test(.spec("N-03", "N-06", "RFC 7662 §4"))
    func aTokenIsForItsClientAndForWhomItIsMeant() async throws {
        let server = try await TestServer()
        let stranger = try await server.register(.confidential("stranger"))
        let elsewhere = try await server.register(resourceServer("https://api.example"))
        let tokens = try await server.redeem(server.authorize())
        for caller in [stranger, elsewhere] {
            #expect(try await server.introspect(tokens.accessToken, from: caller) == ["active": false])
        }
        let api = try await server.register(resourceServer())
        #expect(try await server.isActive(tokens.accessToken, for: api) == true)
        // A refresh token is for its client alone.
        #expect(try await server.introspect(try #require(tokens.refreshToken), from: api) == ["active": false])
        #expect(try await server.isActive(try #require(tokens.refreshToken)) == true)
    }

    @Test(.spec("N-04"), arguments: [nil, "access_token", "refresh_token"])
    func tellsOfTheRefreshTokenThatIsValid(_ hint: String?) async throws {
        let server = try await TestServer()
        let first = try await server.redeem(server.authorize())
        let second = try await server.refresh(first.refreshToken)
        #expect(try await server.introspect(try #require(first.refreshToken), hint: hint) == ["active": false])
        let answer = try await server.introspect(try #require(second.refreshToken), hint: hint)
        #expect(answer.map(\.name) == ["active", "scope", "client_id", "exp", "sub", "iss", "auth_time"])
        #expect(answer["exp"]?.integer == (server.clock.now + server.environment.policy.refreshIdleLifetime).seconds)
        // To ask is not to use.
        let third = try await server.refresh(second.refreshToken)
        server.clock.advance(by: server.environment.policy.refreshIdleLifetime)
        #expect(try await server.isActive(try #require(third.refreshToken)) == false)
    }

    enum End: CaseIterable, Sendable { case expiry, revocation, disabling, signOut, clientIsGone }

    @Test(.spec("N-03", "T-28"), arguments: End.allCases)
    func whatHasEndedIsInactiveWithinASecond(_ end: End) async throws {
        let server = try await TestServer()
        let api = try await server.register(resourceServer())
        let tokens = try await server.redeem(server.authorize([.scope: "openid"]))
        #expect(try await server.isActive(tokens.accessToken, for: api) == true)
        switch end {
        case .expiry: server.clock.advance(by: .seconds(15 * 60 + 10))
        case .revocation:
            let grant = try #require(try tokens.accessClaims["grant_id"]?.string)
            try await server.storage.grants.revoke(GrantID(rawValue: grant), at: server.clock.now)
        case .disabling:
            _ = try await server.storage.users.disable(server.user.id, at: server.clock.now)
        case .signOut:
            let user = server.user.id
            #expect(try await server.storage.sessions.endAll(of: user, except: nil, at: server.clock.now) > 0)
        case .clientIsGone:
            _ = try await server.storage.clients.remove(server.client.id)
            server.environment.clients.forget()
        }
        server.clock.advance(by: .seconds(1))
        #expect(try await server.introspect(tokens.accessToken, from: api) == ["active": false])
    }

    @Test func theStoreIsAskedOnceASecondAndAgainAfterARevocationHere() async throws {
        let memory = Storage.inMemory()
        let grants = CountingGrants(memory.grants)
        let server = try await TestServer(storage: memory.replacing(\.grants, by: grants))
        let tokens = try await [server.redeem(server.authorize()), server.redeem(server.authorize())]
        let before = grants.asked
        for _ in 0..<100 { #expect(try await server.isActive(tokens[0].accessToken) == true) }
        #expect(grants.asked == before + 1)
        server.clock.advance(by: .seconds(1))
        for _ in 0..<100 { #expect(try await server.isActive(tokens[0].accessToken) == true) }
        #expect(grants.asked == before + 2)
        _ = try await server.revoke(tokens[1].refreshToken)
        #expect(try await server.isActive(tokens[1].accessToken) == false)
        #expect(try await server.isActive(tokens[0].accessToken) == true)
        #expect(grants.asked == before + 4)
    }

    @Test(.spec("N-03"), arguments: ["nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
    func whatIsNoTokenIsInactive(_ text: String) async throws {
        let server = try await TestServer()
        #expect(try await server.introspect(text) == ["active": false])
        // An ID token is no access token, though it is ours.
        let tokens = try await server.redeem(server.authorize())
        #expect(try await server.introspect(try #require(tokens.idToken)) == ["active": false])
        #expect(try await server.isActive(tokens.accessToken) == true)
    }

    @Test(.spec("N-02"))
    func onlyWhoHasCredentialsMayAsk() async throws {
        let server = try await TestServer()
        let open = try await server.register(.open())
        let tokens = try await server.redeem(server.authorize(for: open), from: open)
        #expect(await refusal { try await server.introspect(tokens.accessToken, from: open) } == .invalidClient)
        let endpoint = IntrospectionEndpoint(server.environment)
        #expect(
            await refusal { try await endpoint.respond(to: FormParameters([:]), from: server.client) }
                == .invalidRequest)
        #expect(try await server.introspect(tokens.accessToken) == ["active": false])
    }
}

/// Grants that count how often they are asked for a holder.
private final class CountingGrants: GrantStore {
    private let base: any GrantStore
    private let count = Atomic<Int>(0)

    init(_ base: any GrantStore) { self.base = base }

    var asked: Int { count.load(ordering: .relaxed) }

    func begin(_ grant: Grant, in participation: Participation?) async throws -> Grant? {
        try await base.begin(grant, in: participation)
    }
    func find(_ id: GrantID, at now: Timestamp) async throws -> Grant? { try await base.find(id, at: now) }
    func holder(of id: GrantID, at now: Timestamp, withDetails: Bool) async throws -> GrantHolder? {
        count.add(1, ordering: .relaxed)
        return try await base.holder(of: id, at: now, withDetails: withDetails)
    }
    func clients(of user: UserID, at now: Timestamp) async throws -> [SessionClient] {
        try await base.clients(of: user, at: now)
    }
    func owner(ofUnused session: SessionID, since moment: Timestamp, at now: Timestamp) async throws -> UserID? {
        try await base.owner(ofUnused: session, since: moment, at: now)
    }
    func revokeAll(of session: SessionID, of user: UserID, at now: Timestamp) async throws {
        try await base.revokeAll(of: session, of: user, at: now)
    }
    func rotate(_ attempt: RotationAttempt) async throws -> Rotation { try await base.rotate(attempt) }
    func revoke(_ id: GrantID, at now: Timestamp) async throws { try await base.revoke(id, at: now) }
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: now, limit: limit)
    }
}
