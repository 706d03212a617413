import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("ID tokens", .spec("OpenID Connect Core §2"))
struct IDTokenTests {
    @Test(.spec("J-01", "J-02", "J-06", "J-07", "J-08", "J-12"))
    func sayWhoSignedInWhenAndHow() async throws {
        let server = try await TestServer()
        let browser = try await server.signIn()
        let signedInAt = server.clock.now.seconds
        server.clock.advance(by: .seconds(120))
        let tokens = try await server.redeem(server.authorizeSilently([.scope: "openid profile email"], in: browser))
        let jwt = try UnverifiedJWT(parsing: try #require(tokens.idToken))
        #expect(jwt.header.type == "JWT")
        #expect(jwt.header.algorithm == "ES256")
        #expect(jwt.header.keyID != nil)
        let claims = try jwt.unverifiedClaims()
        #expect(claims.issuer == "https://id.example")
        #expect(claims.subject == "u_zoe")
        #expect(claims.audience == ["shop"])
        #expect(claims.issuedAt == signedInAt + 120)
        #expect(claims.expiresAt == signedInAt + 120 + 3600)
        #expect(claims["auth_time"]?.integer == signedInAt)
        #expect(claims["amr"]?.array?.compactMap(\.string) == ["pwd"])
        #expect(claims["acr"]?.string == AuthenticationContext.password.rawValue)
        #expect(claims["sid"]?.string == browser.session?.id.rawValue)
        // §5.4: what the profile holds comes from the UserInfo endpoint.
        #expect(claims["email"] == nil)
        #expect(claims["name"] == nil)
    }

    @Test(
        .spec("J-03"),
        arguments: ["n", String(repeating: "n", count: 64), String(repeating: "é\"\\&", count: 500), "e\u{301}"])
    func giveTheNonceBackByteForByte(_ nonce: String) async throws {
        let server = try await TestServer()
        let claims = try await server.redeem(server.authorize([.nonce: nonce])).idClaims
        #expect(Array((claims?["nonce"]?.string ?? "").utf8) == Array(nonce.utf8))
    }

    @Test(.spec("Core §15.5.2"))
    func haveNoNonceWhereThereWasNone() async throws {
        let server = try await TestServer()
        let claims = try #require(try await server.redeem(server.authorize([.nonce: nil])).idClaims)
        #expect(claims["nonce"] == nil)
    }

    @Test(.spec("J-08", "D-17", "D-18"))
    func areSignedByAPublishedKeyAlsoAcrossARotation() async throws {
        let server = try await TestServer()
        let before = try await server.redeem(server.authorize())
        try await server.rotateKeys()
        let after = try await server.redeem(server.authorize())
        let keys = try #require(server.environment.keys.published)
        let expectation = JWTExpectation(
            type: .exactly(.jwt), issuer: .exactly("https://id.example"), audience: .contains("shop"),
            now: server.clock.now.seconds, leeway: 0
        )
        let old = try VerifiedJWT(try #require(before.idToken), signedBy: keys, as: expectation)
        let new = try VerifiedJWT(try #require(after.idToken), signedBy: keys, as: expectation)
        #expect(old.key?.keyID != new.key?.keyID)
        _ = try await server.userInfo(before.accessToken)
    }
}
