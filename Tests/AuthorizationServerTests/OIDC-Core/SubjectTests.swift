import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Pairwise and public subjects", .spec("OpenID Connect Core §8", "J-11", "U-12"))
struct SubjectTests {
    private static func client(
        _ id: String, _ hosts: [String], sector: String? = nil, isPairwise: Bool = true
    ) -> Client {
        var client = Client.confidential(id, redirectURIs: hosts.map { "https://\($0)/callback" })
        client.metadata.subjectType = isPairwise ? .pairwise : .public
        client.metadata.sectorIdentifierURI = sector.flatMap { WebAddress($0) }
        return client
    }

    private static func subject(_ server: TestServer, _ client: Client, as user: User? = nil) async throws -> String {
        try await server.register(client)
        let tokens = try await server.redeem(server.authorize(for: client, as: user), from: client)
        let subject = try #require(try tokens.idClaims?.subject)
        // Everywhere the same: access token, UserInfo, the tokens of a refresh.
        #expect(try tokens.accessClaims.subject == subject)
        #expect(try await server.userInfo(tokens.accessToken).wire["sub"]?.string == subject)
        let second = try await server.refresh(tokens.refreshToken, from: client)
        #expect(try second.idClaims?.subject == subject)
        return subject
    }

    @Test func areTheSameInASectorAndUnrelatedElsewhere() async throws {
        let server = try await TestServer()
        let shop = try await Self.subject(server, Self.client("a", ["shop.example"]))
        #expect(shop != "u_zoe" && shop.utf8.count == 43)
        #expect(try await Self.subject(server, Self.client("b", ["shop.example"])) == shop)
        #expect(try await Self.subject(server, Self.client("c", ["SHOP.example:8443"])) == shop)
        #expect(try await Self.subject(server, Self.client("d", ["news.example"])) != shop)
        let sector = "https://shop.example/sector.json"
        #expect(try await Self.subject(server, Self.client("e", ["x.example", "y.example"], sector: sector)) == shop)
        // Several hosts without a sector: alone.
        let lonely = try await Self.subject(server, Self.client("f", ["shop.example", "y.example"]))
        #expect(lonely != shop)
        #expect(try await Self.subject(server, Self.client("g", ["shop.example", "y.example"])) != lonely)
        let ada = try await server.addUser("ada")
        #expect(try await Self.subject(server, Self.client("a", ["shop.example"]), as: ada) != shop)
        #expect(try await Self.subject(server, Self.client("h", ["shop.example"], isPairwise: false)) == "u_zoe")
    }

    @Test func stayWhileTheOldestMasterKeyIsKept() async throws {
        let client = Self.client("a", ["shop.example"])
        let first = try await TestServer(seed: 1)
        let subject = try await Self.subject(first, client)
        let second = try await TestServer(seed: 2)
        #expect(try await Self.subject(second, client) != subject)
        let renewed = ServerEnvironment(
            issuer: first.environment.issuer, policy: first.environment.policy, clock: first.clock,
            random: SeededRandom(seed: 3), storage: first.storage,
            masterKey: second.masterKey.following([first.masterKey]))
        try renewed.keys.load(try await first.storage.keys.list(), opening: first.masterKey)
        let code = try await first.authorize(for: client)
        let form = FormParameters([
            .grantType: "authorization_code", .code: code, .codeVerifier: TestServer.verifier,
        ])
        let tokens = try await TokenEndpoint(renewed).respond(to: form, from: client)
        #expect(try tokens.idClaims?.subject == subject)
    }

    @Test(.spec("A-40", "A-51", "L-02"))
    func hintsAndSignOutKnowThePersonByEachName() async throws {
        let server = try await TestServer()
        let client = try await server.register(Self.client("a", ["shop.example"]))
        let other = try await server.register(Self.client("d", ["news.example"]))
        let browser = try await server.signIn()
        for client in [client, other] {
            try await server.storage.consents.remember(
                client.scopes, user: server.user.id, client: client.id, at: server.clock.now)
        }
        let code = try #require(try await server.decide(for: client, from: browser).answer?[.code])
        let hint = try #require(try await server.redeem(code, from: client).idToken)
        let subject = try #require(try UnverifiedJWT(parsing: hint).unverifiedClaims().subject)
        // Issued to one client, shown by another.
        for asking in [client, other] {
            let silent = try await server.decide([.idTokenHint: hint, .prompt: "none"], for: asking, from: browser)
            #expect(silent.answer?[.code] != nil)
        }
        let ada = try await server.signIn(try await server.addUser("ada"))
        let refused = try await server.decide([.idTokenHint: hint, .prompt: "none"], for: client, from: ada).answer
        #expect(refused?[.error] == "login_required")
        let claims = #"{"id_token":{"sub":{"value":"\#(subject)"}}}"#
        let named = try await server.decide([.claims: claims, .prompt: "none"], for: client, from: browser).answer
        #expect(named?[.code] != nil)
        let elsewhere = try await server.decide([.claims: claims, .prompt: "none"], for: other, from: browser).answer
        #expect(elsewhere?[.error] == "login_required")
        let form = FormParameters([.idTokenHint: hint]).encoded
        let decision = try await EndSessionEndpoint(server.environment).respond(
            to: Array(form.utf8), session: browser.session, consent: .unasked)
        guard case .signedOut = decision else {
            Issue.record("the hint proves nothing")
            return
        }
    }
}
