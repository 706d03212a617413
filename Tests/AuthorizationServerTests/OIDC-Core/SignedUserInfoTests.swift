import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("UserInfo as a JWT", .spec("OpenID Connect Core §5.3.2", "U-10"))
struct SignedUserInfoTests {
    private static func answer(_ server: TestServer, _ change: (inout ClientMetadata) -> Void) async throws -> String? {
        var client = server.client
        change(&client.metadata)
        try await server.register(client)
        let tokens = try await server.redeem(server.authorize(for: client), from: client)
        let bearer = try BearerToken(
            authorization: "Bearer \(tokens.accessToken)", form: nil, query: FormParameters())
        switch try await UserInfoEndpoint(server.environment).answer(to: try #require(bearer)) {
        case .claims: return nil
        case .token(let text): return text
        }
    }

    private static func server() async throws -> TestServer {
        var policy = Policy()
        policy.signingAlgorithms = [.es256, .rs256]
        return try await TestServer(policy: policy)
    }

    @Test(arguments: [SignatureAlgorithm.es256, .rs256])
    func isSignedAsTheClientRegistered(_ algorithm: SignatureAlgorithm) async throws {
        let server = try await Self.server()
        #expect(try await Self.answer(server) { _ in } == nil)
        let text = try #require(try await Self.answer(server) { $0.userinfoSignedResponseAlg = algorithm })
        let jwt = try VerifiedJWT(
            text, signedBy: try #require(server.environment.keys.published),
            as: JWTExpectation(
                type: .exactly(.jwt), issuer: .exactly("https://id.example"), audience: .contains("shop"),
                expiry: .ignored, now: server.clock.now.seconds, leeway: 0))
        #expect(try UnverifiedJWT(parsing: text).header.algorithm == algorithm.rawValue)
        #expect(jwt.claims.subject == "u_zoe")
        #expect(jwt.claims["nonce"] == nil && jwt.claims["exp"] == nil)
        // It says nothing of a sign-in, so it is no hint.
        let hinted = try await server.decide([.idTokenHint: text], from: server.browser()).answer
        #expect(hinted?[.error] == "invalid_request")
    }

    @Test func isEncryptedToAKeyOfTheClient() async throws {
        let server = try await Self.server()
        let key = try DecryptionKey.generate(.p256)
        func jwks(_ use: String) throws -> JSONObject {
            var jwk = try JSONObject(parsing: key.publicKey.jsonBytes())
            jwk["use"] = .string(use)
            return ["keys": [.object(jwk)]]
        }
        for signing in [nil, SignatureAlgorithm.es256] {
            let text = try #require(
                try await Self.answer(server) { metadata in
                    metadata.userinfoSignedResponseAlg = signing
                    metadata.userinfoEncryptedResponseAlg = .ecdhES
                    metadata.userinfoEncryptedResponseEnc = .a256GCM
                    metadata.jwks = try? jwks("enc")
                })
            #expect(text.split(separator: ".", omittingEmptySubsequences: false).count == 5)
            #expect(!text.contains("u_zoe"))
        }
        let other = try await Self.server()
        await #expect(throws: OAuthError.self) {
            try await Self.answer(other) { metadata in
                metadata.userinfoEncryptedResponseAlg = .ecdhES
                metadata.jwks = try? jwks("sig")
            }
        }
    }
}
