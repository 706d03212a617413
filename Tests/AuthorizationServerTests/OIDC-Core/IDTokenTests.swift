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
        // Another one at every client.
        let sid = try #require(claims["sid"]?.string)
        #expect(sid.utf8.count == 43 && sid != browser.session?.id.rawValue)
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

@Suite("OpenID Connect Registration: the algorithm of ID tokens")
struct IDTokenAlgorithmTests {
    private func algorithm(of token: String?) throws -> SignatureAlgorithm? {
        let header = try #require(token).prefix { $0 != "." }
        let object = try JSONObject(parsing: try #require(Base64URL.decode(String(header))))
        return object["alg"]?.string.flatMap(SignatureAlgorithm.init(rawValue:))
    }

    @Test(.spec("R-21"))
    func aClientGetsTheOneThatItRegistered() async throws {
        var policy = Policy()
        policy.signingAlgorithms = [.es256, .rs256]
        let server = try await TestServer(policy: policy)
        var client = server.client
        for registered in [nil, .rs256, .es256] as [SignatureAlgorithm?] {
            let expected = registered ?? .es256
            client.metadata.idTokenSignedResponseAlg = registered
            try await server.register(client)
            let tokens = try await server.redeem(try await server.authorize(for: client), from: client)
            #expect(try algorithm(of: tokens.idToken) == expected)
            // Whoever verifies access tokens reads the key set, and not the client's wishes.
            #expect(try algorithm(of: tokens.accessToken) == .es256)
            let refreshed = try await server.refresh(tokens.refreshToken, from: client)
            #expect(try algorithm(of: refreshed.idToken) == expected)
            #expect(try await server.userInfo(refreshed.accessToken).wire["sub"]?.string == server.user.id.rawValue)
        }
    }

    @Test func withoutAKeyNothingIsSpent() async throws {
        let server = try await TestServer()
        let code = try await server.authorize()
        var client = server.client
        client.metadata.idTokenSignedResponseAlg = .rs256
        await #expect(throws: KeyRing.LoadError.self) { try await server.redeem(code, from: client) }
        #expect(try await server.redeem(code).idToken != nil)
    }
}
