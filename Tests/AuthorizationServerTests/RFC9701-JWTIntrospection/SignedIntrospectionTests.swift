import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Signed answers about tokens", .spec("RFC 9701"))
struct SignedIntrospectionTests {
    private func server() async throws -> TestServer {
        var policy = Policy()
        policy.signingAlgorithms = [.es256, .rs256]
        return try await TestServer(policy: policy)
    }

    private func signed(_ token: String, by server: TestServer, for client: Client) async throws -> String {
        let endpoint = IntrospectionEndpoint(server.environment)
        let response = try await endpoint.respond(to: FormParameters([.token: token]), from: client)
        return try await endpoint.sign(response, for: client)
    }

    @Test(
        .spec("N-05", "N-07", "RFC 9701 §5", "RFC 9701 §6"), arguments: [nil, .rs256, .es256] as [SignatureAlgorithm?])
    func areForTheCallerAndSayWhatIsSaidUnsigned(_ algorithm: SignatureAlgorithm?) async throws {
        let server = try await server()
        var client = server.client
        client.metadata.introspectionSignedResponseAlg = algorithm
        try await server.register(client)
        let tokens = try await server.redeem(server.authorize(for: client), from: client)
        let text = try await signed(tokens.accessToken, by: server, for: client)
        let expectation = JWTExpectation(
            type: .exactly("token-introspection+jwt"), issuer: .exactly("https://id.example"),
            audience: .contains("shop"), expiry: .ignored, now: server.clock.now.seconds, leeway: 0)
        let keys = try #require(server.environment.keys.published)
        let jwt = try VerifiedJWT(text, signedBy: keys, as: expectation)
        #expect(try UnverifiedJWT(parsing: text).header.algorithm == (algorithm ?? .rs256).rawValue)
        #expect(jwt.claims.subject == nil && jwt.claims.expiresAt == nil)
        let inner = try #require(jwt.claims["token_introspection"]?.object)
        #expect(try await inner == server.introspect(tokens.accessToken))
        // Nobody can use the answer as a token.
        #expect(await refusal { try await server.userInfo(text) } == .invalidToken)
    }

    @Test(.spec("N-06", "RFC 9701 §5"))
    func sayNothingOfATokenForOthers() async throws {
        let server = try await server()
        let stranger = try await server.register(.confidential("stranger"))
        let tokens = try await server.redeem(server.authorize())
        let claims = try UnverifiedJWT(parsing: try await signed(tokens.accessToken, by: server, for: stranger))
            .unverifiedClaims()
        #expect(claims["token_introspection"] == ["active": false])
        #expect(claims.audience == ["stranger"])
    }

    @Test func aKeyThatIsNotThereIsNotReplacedByAnother() async throws {
        let server = try await server()
        var client = server.client
        client.metadata.introspectionSignedResponseAlg = .ps512
        try await server.register(client)
        await #expect(throws: KeyRing.LoadError.self) { try await signed("nonsense", by: server, for: client) }
        _ = try await signed("nonsense", by: server, for: server.client)
    }
}
