import AuthorizationServer
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Offline access", .spec("OpenID Connect Core §11"))
struct OfflineAccessTests {
    private func server(_ party: Client.Party, _ members: JSONObject = [:]) async throws -> (TestServer, Client) {
        let server = try await TestServer()
        var client = Client.confidential("own", party: party)
        client.metadata = try ClientMetadata(members)
        return (server, try await server.register(client))
    }

    private let scope = "openid offline_access"

    /// Whether the refresh token of a request outlives the sign-out.
    private func outlives(
        _ server: TestServer, _ client: Client, _ changes: [Parameter: String?] = [:]
    ) async throws -> Bool {
        let browser = try await server.signIn()
        var changes = changes
        changes[.scope] = changes[.scope] ?? scope
        let code = try await server.authorize(changes, for: client, in: browser)
        let tokens = try await server.redeem(code, from: client)
        // What is told is what holds.
        let isTold = tokens.scope.contains(.offlineAccess)
        try await server.signOut(browser)
        let outlives = await refusal { try await server.refresh(tokens.refreshToken, from: client) } == nil
        #expect(isTold == outlives)
        return outlives
    }

    @Test(.spec("A-53")) func aThirdPartyIsAskedAboutWithEveryRequest() async throws {
        let (server, client) = try await server(.third)
        #expect(try await outlives(server, client))
        #expect(try await outlives(server, client, [.prompt: "consent"]))
        #expect(try await !outlives(server, client, [.scope: "openid"]))
    }

    @Test(.spec("A-53")) func theOperatorsOwnClientHasToAskForTheQuestion() async throws {
        let (server, client) = try await server(.first)
        #expect(try await !outlives(server, client))
        #expect(try await outlives(server, client, [.prompt: "consent"]))
    }

    @Test func orTheOperatorSaysThatItCounts() async throws {
        let (server, client) = try await server(.first, ["martlet_compatibility": ["offline_without_consent"]])
        #expect(try await outlives(server, client))
    }

    @Test func aRequestForNothingElseSaysWhatIsMissing() async throws {
        let (server, client) = try await server(.first)
        let refused = try await server.authorization([.scope: "offline_access"], for: client)
        #expect(refused.failure?.code == .invalidScope)
        let asked = try await server.authorization([.scope: "offline_access", .prompt: "consent"], for: client)
        #expect(asked.failure == nil)
    }

    @Test func aClientMayBeRegisteredToGetRefreshTokensWithItAlone() async throws {
        let (server, client) = try await server(.third, ["martlet_refresh_tokens": "offline_access"])
        let without = try await server.redeem(server.authorize([.scope: "openid"], for: client), from: client)
        #expect(without.refreshToken == nil)
        let with = try await server.redeem(server.authorize([.scope: scope], for: client), from: client)
        _ = try await server.refresh(with.refreshToken, from: client)
    }

    @Test(.spec("T-26")) func refreshTokensLiveAsLongAsTheirClientIsRegisteredFor() async throws {
        let (server, client) = try await server(
            .third, ["martlet_refresh_idle_lifetime": 100, "martlet_grant_lifetime": 250])
        var tokens = try await server.redeem(server.authorize(for: client), from: client)
        server.clock.advance(by: .seconds(99))
        tokens = try await server.refresh(tokens.refreshToken, from: client)
        server.clock.advance(by: .seconds(99))
        tokens = try await server.refresh(tokens.refreshToken, from: client)
        // Used or not, a grant ends.
        server.clock.advance(by: .seconds(52))
        #expect(await refusal { try await server.refresh(tokens.refreshToken, from: client) } == .invalidGrant)
        // One that nobody uses dies before.
        let second = try await server.redeem(server.authorize(for: client), from: client)
        server.clock.advance(by: .seconds(100))
        #expect(await refusal { try await server.refresh(second.refreshToken, from: client) } == .invalidGrant)
        // Other clients' live on.
        let other = try await server.redeem(server.authorize())
        server.clock.advance(by: .seconds(1000))
        _ = try await server.refresh(other.refreshToken)
    }
}
