import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Synchronization
import Testing

@Suite("Opaque access tokens")
struct OpaqueAccessTokenTests {
    private static let api = "https://api.example"

    /// A server with an opaque resource, and the resource server of it.
    private func bench() async throws -> (server: TestServer, api: Client) {
        let server = try await TestServer()
        try await server.configure(.withNothingOptional(Self.api, scopes: "orders:read", format: .opaque))
        var api = Client.confidential("api", grantTypes: [.clientCredentials])
        api.metadata = try ClientMetadata(["martlet_resources": [.string(Self.api)]])
        return (server, try await server.register(api))
    }

    @Test(.spec("N-01")) func sayNothingAndStandForEverything() async throws {
        let (server, api) = try await bench()
        let tokens = try await server.redeem(
            server.authorize([.scope: "openid orders:read"], resources: [Self.api]))
        #expect(tokens.accessToken.utf8.count == 43 && !tokens.accessToken.contains("."))
        let answer = try await server.introspect(tokens.accessToken, from: api)
        #expect(
            answer.map(\.name) == [
                "active", "scope", "client_id", "token_type", "exp", "iat", "sub", "aud", "iss", "jti", "auth_time",
                "acr", "amr",
            ])
        #expect(answer["aud"]?.string == Self.api && answer["scope"]?.string == "orders:read")
        #expect(answer["sub"]?.string == server.user.id.rawValue && answer["client_id"]?.string == "shop")
        // Kept by its digest alone.
        let kept = try await server.storage.opaqueTokens.find(TokenDigest(of: tokens.accessToken), at: server.clock.now)
        #expect(kept?.claims.contains(tokens.accessToken) == false)
    }

    @Test(.spec("N-03", "RFC 7662 §4")) func aResourceServerLearnsOfItsOwnOnly() async throws {
        let (server, api) = try await bench()
        try await server.configure(.withNothingOptional("urn:other", scopes: "orders:read", format: .opaque))
        let form: [Parameter: String] = [.grantType: "client_credentials", .scope: "orders:read"]
        let other = try await server.token(form, for: ["urn:other"]).accessToken
        #expect(try await server.introspect(other, from: api) == ["active": false])
        let own = try await server.token(form, for: [Self.api]).accessToken
        #expect(try await server.isActive(own, for: api) == true)
        // Its client learns of both.
        #expect(try await server.isActive(other) == true)
    }

    @Test(.spec("V-01", "V-03", "RFC 7009 §2.1")) func areRevokedAtOnce() async throws {
        let (server, api) = try await bench()
        let stranger = try await server.register(.confidential("stranger"))
        let form: [Parameter: String] = [.grantType: "client_credentials", .scope: "orders:read"]
        let (first, second) = (
            try await server.token(form, for: [Self.api]).accessToken,
            try await server.token(form, for: [Self.api]).accessToken
        )
        #expect(try await server.isActive(first, for: api) == true)
        #expect(await refusal { try await server.revoke(first, from: stranger) } == .invalidGrant)
        #expect(try await server.isActive(first, for: api) == true)
        _ = try await server.revoke(first)
        #expect(try await server.introspect(first, from: api) == ["active": false])
        #expect(try await server.isActive(second, for: api) == true)
    }

    @Test(.spec("V-04")) func endWithTheirGrant() async throws {
        let (server, api) = try await bench()
        let tokens = try await server.redeem(
            server.authorize([.scope: "openid orders:read"], resources: [Self.api]))
        let other = try await server.redeem(
            server.authorize([.scope: "openid orders:read"], resources: [Self.api]))
        _ = try await server.revoke(tokens.refreshToken)
        #expect(try await server.introspect(tokens.accessToken, from: api) == ["active": false])
        #expect(try await server.isActive(other.accessToken, for: api) == true)
        // And the grant with them.
        _ = try await server.revoke(other.accessToken)
        #expect(await refusal { try await server.refresh(other.refreshToken) } == .invalidGrant)
    }

    @Test(.spec("U-03")) func dieAtTheirEnd() async throws {
        let (server, api) = try await bench()
        let token = try await server.token(
            [.grantType: "client_credentials", .scope: "orders:read"], for: [Self.api])
        server.clock.advance(by: .seconds(899))
        #expect(try await server.isActive(token.accessToken, for: api) == true)
        server.clock.advance(by: .seconds(1))
        #expect(try await server.introspect(token.accessToken, from: api) == ["active": false])
    }

    @Test(.spec("U-01", "U-03")) func openUserInfoWhereAClientIsRegisteredSo() async throws {
        let server = try await TestServer()
        var client = Client.confidential("plain")
        client.metadata = try ClientMetadata(["martlet_access_token_format": "opaque"])
        try await server.register(client)
        let tokens = try await server.redeem(server.authorize(for: client), from: client)
        #expect(!tokens.accessToken.contains("."))
        let answer = try JSONObject(parsing: try await server.userInfo(tokens.accessToken).jsonBytes())
        #expect(answer["sub"]?.string == server.user.id.rawValue)
        // One letter less is no token.
        #expect(await refusal { try await server.userInfo(String(tokens.accessToken.dropLast())) } == .invalidToken)
        _ = try await server.revoke(tokens.accessToken, from: client)
        #expect(await refusal { try await server.userInfo(tokens.accessToken) } == .invalidToken)
        // A client's registration says nothing about the tokens of a resource.
        try await server.configure(.withNothingOptional(Self.api, scopes: "orders:read"))
        let own = try await server.token(
            [.grantType: "client_credentials", .scope: "orders:read"], for: [Self.api], from: client)
        #expect(try own.accessClaims.audience == [Self.api])
    }

    /// A store that keeps nothing until it is mended.
    private final class Broken: OpaqueTokenStore {
        private let base: any OpaqueTokenStore
        private let isBroken = Mutex(true)

        init(_ base: any OpaqueTokenStore) { self.base = base }

        func mend() { isBroken.withLock { $0 = false } }

        func fail() { isBroken.withLock { $0 = true } }

        func insert(_ token: OpaqueToken) async throws -> Bool {
            guard !isBroken.withLock({ $0 }) else { throw StorageError.conflict(table: "opaque_tokens") }
            return try await base.insert(token)
        }

        func find(_ digest: TokenDigest, at now: Timestamp) async throws -> OpaqueToken? {
            try await base.find(digest, at: now)
        }

        func revoke(_ digest: TokenDigest, of client: ClientID) async throws -> Bool {
            try await base.revoke(digest, of: client)
        }

        func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
            try await base.sweep(expiredBy: now, limit: limit)
        }
    }

    @Test(.spec("RFC 6749 §4.1.2")) func aStoreThatFailsCostsNoCodeAndNoFamily() async throws {
        var storage = Storage.inMemory()
        let broken = Broken(storage.opaqueTokens)
        storage.opaqueTokens = broken
        let server = try await TestServer(storage: storage)
        try await server.configure(.withNothingOptional(Self.api, scopes: "orders:read", format: .opaque))
        let code = try await server.authorize([.scope: "openid orders:read"], resources: [Self.api])
        await #expect(throws: StorageError.self) { try await server.redeem(code) }
        broken.mend()
        let tokens = try await server.redeem(code)
        broken.fail()
        await #expect(throws: StorageError.self) { try await server.refresh(tokens.refreshToken) }
        broken.mend()
        // Longer than a retry is forgiven.
        server.clock.advance(by: server.environment.policy.refreshGrace + .seconds(60))
        let next = try await server.refresh(tokens.refreshToken)
        #expect(next.accessToken != tokens.accessToken && next.accessToken.utf8.count == 43)
    }

    @Test(.spec("V-04")) func nothingIsMadeOfAGrantThatIsGone() async throws {
        let (server, _) = try await bench()
        let tokens = try await server.redeem(
            server.authorize([.scope: "openid orders:read"], resources: [Self.api]))
        _ = try await server.revoke(tokens.refreshToken)
        #expect(await refusal { try await server.refresh(tokens.refreshToken) } == .invalidGrant)
        let other = try await server.redeem(
            server.authorize([.scope: "openid orders:read"], resources: [Self.api]))
        _ = try await server.refresh(other.refreshToken)
    }
}
