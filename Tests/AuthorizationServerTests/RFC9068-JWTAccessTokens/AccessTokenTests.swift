import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Testing

@Suite("JWT access tokens", .spec("RFC 9068"))
struct AccessTokenTests {
    @Test(.spec("J-17", "J-18", "J-20", "RFC 9068 §2.1", "RFC 9068 §2.2"))
    func sayWhoMayDoWhatForWhom() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize([.scope: "openid profile"]))
        let jwt = try UnverifiedJWT(parsing: tokens.accessToken)
        #expect(jwt.header.type == "at+jwt")
        #expect(jwt.header.algorithm == "ES256")
        #expect(jwt.header.keyID != nil)
        let claims = try jwt.unverifiedClaims()
        #expect(claims.issuer == "https://id.example")
        #expect(claims.audience == ["https://id.example"])
        #expect(claims.subject == "u_zoe")
        #expect(claims["client_id"]?.string == "shop")
        #expect(claims["scope"]?.string == "openid profile")
        #expect(claims.issuedAt == server.clock.now.seconds)
        #expect(claims.expiresAt == server.clock.now.seconds + 900)
        #expect(claims["auth_time"]?.integer == server.clock.now.seconds)
        #expect(claims["amr"]?.array?.compactMap(\.string) == ["pwd"])
        #expect((claims.jwtID ?? "").utf8.count >= 22)
        let other = try await server.redeem(server.authorize())
        #expect(try other.accessClaims.jwtID != claims.jwtID)
    }

    @Test(
        .spec("U-03", "J-14", "T-29"),
        arguments: [
            "x", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", String(repeating: "a", count: 1_000_000), "\u{E9}",
        ])
    func areRefusedWhenMalformed(_ token: String) async throws {
        let server = try await TestServer()
        #expect(await refusal { try await server.userInfo(token) } == .invalidToken)
    }

    @Test(.spec("J-14", "J-15"))
    func areRefusedWithAnyCharacterReplaced() async throws {
        let server = try await TestServer()
        let token = Array(try await server.redeem(server.authorize()).accessToken.utf8)
        for position in stride(from: 0, to: token.count, by: 3) {
            var forged = token
            forged[position] = forged[position] == 0x41 ? 0x42 : 0x41
            let text = String(decoding: forged, as: UTF8.self)
            #expect(await refusal { try await server.userInfo(text) } == .invalidToken)
        }
        _ = try await server.userInfo(String(decoding: token, as: UTF8.self))
    }

    @Test(.spec("J-13", "J-19", "RFC 9068 §4", "RFC 8725 §3.12", "THREATS token substitution"))
    func areNothingElseAndNothingElseIsOne() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize())
        let (idToken, refreshToken) = (try #require(tokens.idToken), try #require(tokens.refreshToken))
        #expect(await refusal { try await server.userInfo(idToken) } == .invalidToken)
        #expect(await refusal { try await server.userInfo(refreshToken) } == .invalidToken)
        let asHint = try await server.decide([.idTokenHint: tokens.accessToken], from: server.browser()).answer
        #expect(asHint?[.error] == "invalid_request")
        #expect(await refusal { try await server.refresh(tokens.accessToken) } == .invalidGrant)
        #expect(await refusal { try await server.redeem(refreshToken) } == .invalidGrant)
        _ = try await server.userInfo(tokens.accessToken)
    }

    @Test(.spec("U-03", "Storm-0558"))
    func ofAnotherIssuerAreRefused() async throws {
        let server = try await TestServer()
        let stranger = try await TestServer(seed: 2)
        let elsewhere = try await TestServer(issuer: "https://other.example", seed: 3)
        for other in [stranger, elsewhere] {
            let tokens = try await other.redeem(other.authorize())
            #expect(await refusal { try await server.userInfo(tokens.accessToken) } == .invalidToken)
            #expect(await refusal { try await server.refresh(tokens.refreshToken) } == .invalidGrant)
            let hint = try #require(tokens.idToken)
            #expect(
                try await server.decide([.idTokenHint: hint], from: server.browser()).answer?[.error]
                    == "invalid_request")
        }
    }

    @Test(.spec("U-03", "Storm-0558"))
    func ofAnotherIssuerWithOurKeysAreRefused() async throws {
        // Two issuers over one database: same keys, same grants, another name.
        let server = try await TestServer()
        let twin = try await TestServer(issuer: "https://id.example/tenant", storage: server.storage)
        let tokens = try await twin.redeem(twin.authorize())
        _ = try await twin.userInfo(tokens.accessToken)
        #expect(await refusal { try await server.userInfo(tokens.accessToken) } == .invalidToken)
        let hint = try #require(tokens.idToken)
        #expect(
            try await server.decide([.idTokenHint: hint], from: server.browser()).answer?[.error] == "invalid_request")
    }

    @Test(.spec("U-03"))
    func expire() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize())
        server.clock.advance(by: .seconds(899))
        _ = try await server.userInfo(tokens.accessToken)
        server.clock.advance(by: .seconds(12))
        #expect(await refusal { try await server.userInfo(tokens.accessToken) } == .invalidToken)
    }
}
