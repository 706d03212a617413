import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("What a client registered for every request", .spec("A-39", "OpenID Connect Registration §2"))
struct ClientDefaultTests {
    private func server(_ members: JSONObject) async throws -> TestServer {
        let server = try await TestServer()
        var client = server.client
        client.metadata = try ClientMetadata(members)
        try await server.register(client)
        return server
    }

    /// A browser whose person signed in a minute ago and has allowed everything.
    private func minuteOld(_ server: TestServer) async throws -> Browser {
        _ = try await server.authorize()
        let browser = try await server.signIn()
        server.clock.advance(by: .seconds(60))
        return browser
    }

    @Test func theDefaultAgeHoldsWhereTheRequestNamesNone() async throws {
        let server = try await server(["default_max_age": 30])
        let browser = try await minuteOld(server)
        #expect(try await server.decide([.prompt: "none"], from: browser).answer?.refusal == .loginRequired)
        #expect(try await server.decide([.prompt: "none", .maxAge: "90"], from: browser).answer?[.code] != nil)
        let patient = try await self.server(["default_max_age": 90])
        let other = try await minuteOld(patient)
        #expect(try await patient.decide([.prompt: "none"], from: other).answer?[.code] != nil)
        #expect(
            try await patient.decide([.prompt: "none", .maxAge: "30"], from: other).answer?.refusal == .loginRequired)
    }

    @Test func theDefaultStrengthHoldsWhereTheRequestNamesNone() async throws {
        let ladder = AuthenticationLadder.standard.allNames
        let server = try await server(["default_acr_values": [.string(try #require(ladder.last)), "urn:x"]])
        func strength(_ changes: [Parameter: String?]) async throws -> ClaimsRequest.Strength? {
            let browser = server.browser()
            let id = try #require(try await server.decide(changes, from: browser).interaction)
            guard case .open(let pending) = try await Interactions(server.environment).pending(id, from: browser) else {
                throw WrongTurn()
            }
            return pending.request.claims.strength
        }
        #expect(try await strength([:])?.names == [try #require(ladder.last), "urn:x"])
        #expect(try await strength([:])?.isEssential == false)
        #expect(try await strength([.acrValues: ladder[0]])?.names == [ladder[0]])
        let claims = #"{"id_token":{"acr":{"essential":true,"value":"\#(ladder[0])"}}}"#
        #expect(try await strength([.claims: claims])?.names == [ladder[0]])
    }

    /// OpenID Connect Core §2 wants it then; here it always is.
    @Test(.spec("J-02"), arguments: [["require_auth_time": true], [:]] as [JSONObject])
    func theTimeOfTheSignInIsAlwaysTold(_ members: JSONObject) async throws {
        let server = try await server(members)
        let tokens = try await server.redeem(try await server.authorize())
        #expect(try tokens.idClaims?["auth_time"]?.integer == server.clock.now.seconds)
    }

    /// Third parties send people there (Core §4); this server never does.
    @Test func whereOthersBeginIsOnlyKept() async throws {
        let server = try await server(["initiate_login_uri": "https://shop.example/start"])
        let stored = try #require(try await server.storage.clients.find(server.client.id))
        #expect(ClientDocument(stored).object["initiate_login_uri"]?.string == "https://shop.example/start")
        #expect(try await server.decide(from: server.browser()).interaction != nil)
    }
}
