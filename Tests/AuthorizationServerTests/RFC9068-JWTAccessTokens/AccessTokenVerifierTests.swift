import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import AuthorizationServer

@Suite("Access tokens that were verified before", .spec("RFC 9068 §4", "CVE-2025-2559"))
struct AccessTokenVerifierTests {
    private func verify(_ token: String, _ server: TestServer) throws -> VerifiedAccessToken {
        try server.environment.accessTokens.verify(token, at: server.clock.now)
    }

    @Test func sayTheSameAgain() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize([.scope: "openid profile"]))
        let (first, second) = (try verify(tokens.accessToken, server), try verify(tokens.accessToken, server))
        #expect(first.subject == second.subject)
        #expect(first.clientID == second.clientID)
        #expect(first.grantID == second.grantID)
        #expect(first.scopes == second.scopes)
        #expect(server.environment.accessTokens.remembered == 1)
    }

    @Test(.spec("U-03")) func dieAtTheirEnd() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize())
        _ = try await server.userInfo(tokens.accessToken)
        // With the leeway of ten seconds for other clocks.
        server.clock.advance(by: .seconds(909))
        _ = try await server.userInfo(tokens.accessToken)
        server.clock.advance(by: .seconds(1))
        #expect(server.environment.accessTokens.remembered == 1)
        #expect(await refusal { try await server.userInfo(tokens.accessToken) } == .invalidToken)
    }

    @Test(.spec("U-03")) func areRefusedBeforeTheirBeginning() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize())
        _ = try await server.userInfo(tokens.accessToken)
        server.clock.advance(by: .seconds(-11))
        #expect(await refusal { try await server.userInfo(tokens.accessToken) } == .invalidToken)
        server.clock.advance(by: .seconds(1))
        _ = try await server.userInfo(tokens.accessToken)
    }

    @Test(.spec("U-03", "V-04")) func feelARevocationAtOnce() async throws {
        let server = try await TestServer()
        let ada = try await server.addUser("ada")
        let tokens = try await concurrently(3) { try await server.redeem(server.authorize(as: ada)) }
        let good = try await server.redeem(server.authorize())
        for token in tokens + [good] { _ = try await server.userInfo(token.accessToken) }
        let grant = try #require(try tokens[0].accessClaims["grant_id"]?.string)
        try await server.storage.grants.revoke(GrantID(rawValue: grant), at: server.clock.now)
        #expect(await refusal { try await server.userInfo(tokens[0].accessToken) } == .invalidToken)
        _ = try await server.userInfo(tokens[1].accessToken)
        _ = try await server.storage.users.disable(ada.id, at: server.clock.now)
        #expect(await refusal { try await server.userInfo(tokens[1].accessToken) } == .invalidToken)
        _ = try await server.userInfo(good.accessToken)
        #expect(server.environment.accessTokens.remembered == 4)
    }

    @Test(.spec("J-14", "J-15")) func lendNothingToTheirForgeries() async throws {
        let server = try await TestServer()
        let token = try await server.redeem(server.authorize()).accessToken
        _ = try await server.userInfo(token)
        var forged = Array(token.utf8)
        let end = forged.count - 20
        forged[end] = forged[end] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        let others = [String(decoding: forged, as: UTF8.self), token + "A", token + "=", String(token.dropLast())]
        for other in others {
            // Twice: a refusal is not remembered, as anything else than a refusal least of all.
            for _ in 0..<2 { #expect(await refusal { try await server.userInfo(other) } == .invalidToken) }
        }
        #expect(server.environment.accessTokens.remembered == 1)
        _ = try await server.userInfo(token)
    }

    @Test(.spec("U-03", "Storm-0558")) func areForgottenWhenAKeyGoes() async throws {
        let server = try await TestServer()
        let old = try await server.redeem(server.authorize()).accessToken
        _ = try await server.userInfo(old)
        // Its key is published for a while yet.
        try await server.rotateKeys()
        _ = try await server.userInfo(old)
        let new = try await server.redeem(server.authorize()).accessToken
        _ = try await server.userInfo(new)
        let keys = try await server.storage.keys.list().filter { $0.state != .retiring }
        try server.environment.keys.load(keys, opening: server.masterKey)
        #expect(await refusal { try await server.userInfo(old) } == .invalidToken)
        _ = try await server.userInfo(new)
    }

    @Test func areKeptWhenTheSameKeysAreLoadedAgain() async throws {
        let server = try await TestServer()
        let before = try #require(server.environment.keys.verification?.epoch)
        try server.environment.keys.load(try await server.storage.keys.list(), opening: server.masterKey)
        #expect(server.environment.keys.verification?.epoch == before)
        try await server.rotateKeys()
        #expect(server.environment.keys.verification?.epoch != before)
    }
}
