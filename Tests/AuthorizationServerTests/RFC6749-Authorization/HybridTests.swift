import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite(
    "code id_token, for a client whose profile has it",
    .spec("OpenID Connect Core §3.3", "A-05", "A-09", "A-12", "J-04"))
struct HybridTests {
    private static func hybrid(_ server: TestServer) async throws -> Client {
        var client = Client.confidential("hybrid")
        client.metadata.responseTypes = [.code, .codeIDToken]
        client.metadata.compatibility = [.hybrid]
        return try await server.register(client)
    }

    private static let type: [Parameter: String?] = [.responseType: "code id_token"]

    @Test(arguments: ["code id_token", "id_token code"])
    func theAnswerHasBothAndOneVouchesForTheOther(_ type: String) async throws {
        let server = try await TestServer()
        let client = try await Self.hybrid(server)
        let answer = try await server.authorization([.responseType: type], for: client)
        #expect(answer.mode == .fragment && answer.location.hasPrefix("https://shop.example/callback#code="))
        let code = try #require(answer[.code])
        let front = try UnverifiedJWT(parsing: try #require(answer[.idToken])).unverifiedClaims()
        #expect(front["c_hash"]?.string == SignatureAlgorithm.es256.leftHalf(ofHashOf: code))
        #expect(front["nonce"]?.string == "n-0S6_WzA2Mj" && front["at_hash"] == nil)
        let tokens = try await server.redeem(code, from: client)
        let back = try #require(try tokens.idClaims)
        #expect(back.subject == front.subject && back.issuer == front.issuer && back["c_hash"] == nil)
        // The plain type stays, and its answers are as ever.
        let plain = try await server.authorization(for: client)
        #expect(plain.mode == .query && plain[.idToken] == nil)
    }

    @Test func needsNonceAndOpenIDAndNeverTheQuery() async throws {
        let server = try await TestServer()
        let client = try await Self.hybrid(server)
        let wrong: [[Parameter: String?]] = [[.nonce: nil], [.scope: "profile"], [.responseMode: "query"]]
        for changes in wrong {
            let answer = try await server.decide(
                Self.type.merging(changes) { $1 }, for: client, from: server.browser()
            ).answer
            #expect(answer?[.error] == "invalid_request")
            #expect(answer?.mode == .fragment)
        }
        let posted = try await server.authorization(Self.type.merging([.responseMode: "form_post"]) { $1 }, for: client)
        #expect(posted.mode == .formPost && posted[.idToken] != nil)
    }

    @Test func isThereForNobodyElseAndNeverWithAnAccessToken() async throws {
        let server = try await TestServer()
        let client = try await Self.hybrid(server)
        var half = client
        half.metadata.compatibility = []
        let stranger = Client.confidential("stranger")
        for other in [half, stranger] {
            try await server.register(other)
            let answer = try await server.decide(Self.type, for: other, from: server.browser()).answer
            #expect(answer?[.error] == "unsupported_response_type")
            #expect(answer?.mode == .query)
        }
        try await server.register(client)
        for type in [
            "id_token", "token", "id_token token", "code token", "code id_token token", "code code id_token x",
        ] {
            let answer = try await server.decide([.responseType: type], for: client, from: server.browser()).answer
            #expect(answer?[.error] == "unsupported_response_type", "\(type)")
        }
        #expect(try await server.decide(Self.type, for: client, from: server.browser()).interaction != nil)
    }
}
