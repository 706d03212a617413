import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

extension TestServer {
    /// What the revocation endpoint says to a token.
    func revoke(
        _ token: String?, hint: String? = nil, from client: Client? = nil
    ) async throws -> RevocationEndpoint.Response {
        var form: [Parameter: String] = [:]
        form[.token] = token
        form[.tokenTypeHint] = hint
        return try await RevocationEndpoint(environment).respond(to: FormParameters(form), from: client ?? self.client)
    }

    /// What the introspection endpoint says about a token.
    func introspect(_ token: String, hint: String? = nil, from client: Client? = nil) async throws -> JSONObject {
        var form: [Parameter: String] = [.token: token]
        form[.tokenTypeHint] = hint
        let response = try await IntrospectionEndpoint(environment)
            .respond(to: FormParameters(form), from: client ?? self.client)
        return try #require(try response.wire.object)
    }

    func isActive(_ token: String, for client: Client? = nil) async throws -> Bool? {
        try await introspect(token, from: client)["active"]?.bool
    }
}

@Suite("Revocation endpoint", .spec("RFC 7009"))
struct RevocationTests {
    enum Shown: CaseIterable, Sendable { case refreshToken, spentRefreshToken, accessToken }

    @Test(.spec("V-01", "V-04", "RFC 7009 §2.1"), arguments: Shown.allCases, [Client.confidential(), .open()])
    func aGrantIsOverWithWhicheverOfItsTokensComesBack(_ shown: Shown, _ client: Client) async throws {
        let server = try await TestServer()
        try await server.register(client)
        let first = try await server.redeem(server.authorize(for: client), from: client)
        let tokens = try await server.refresh(first.refreshToken, from: client)
        let other = try await server.redeem(server.authorize(for: client), from: client)
        #expect(try await server.userInfo(tokens.accessToken).wire["sub"] != nil)
        let text =
            switch shown {
            case .refreshToken: tokens.refreshToken
            case .spentRefreshToken: first.refreshToken
            case .accessToken: tokens.accessToken
            }
        guard case .grant = try await server.revoke(text, from: client) else {
            Issue.record("no grant was revoked")
            return
        }
        #expect(await refusal { try await server.userInfo(tokens.accessToken) } == .invalidToken)
        #expect(await refusal { try await server.userInfo(first.accessToken) } == .invalidToken)
        #expect(await refusal { try await server.refresh(tokens.refreshToken, from: client) } == .invalidGrant)
        // What another sign-in gave goes on.
        _ = try await server.userInfo(other.accessToken)
        _ = try await server.refresh(other.refreshToken, from: client)
    }

    @Test(.spec("V-01"))
    func aTokenOfTheClientsOwnIsKnownAsRevokedUntilItExpires() async throws {
        let server = try await TestServer()
        let tokens = try await [
            server.token([.grantType: "client_credentials"]), server.token([.grantType: "client_credentials"]),
        ]
        for token in tokens { #expect(try await server.isActive(token.accessToken) == true) }
        guard case .token = try await server.revoke(tokens[0].accessToken) else {
            Issue.record("no token was revoked")
            return
        }
        #expect(try await server.isActive(tokens[0].accessToken) == false)
        #expect(try await server.isActive(tokens[1].accessToken) == true)
        // The second time there is nothing to write down, whatever the client is told.
        guard case .nothing = try await server.revoke(tokens[0].accessToken) else {
            Issue.record("it was revoked twice")
            return
        }
        // The last moment at which its signature would still be taken.
        server.clock.advance(by: .seconds(15 * 60 + 9))
        _ = try await server.storage.spent.sweep(expiredBy: server.clock.now, limit: 9)
        #expect(try await server.isActive(tokens[0].accessToken) == false)
        #expect(try await server.isActive(tokens[1].accessToken) == true)
        server.clock.advance(by: .seconds(1))
        #expect(try await server.storage.spent.sweep(expiredBy: server.clock.now, limit: 9) == 1)
        #expect(try await server.isActive(tokens[1].accessToken) == false)
    }

    @Test(.spec("V-02")) func aGrantEndsOnce() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize())
        guard case .grant(_, let user) = try await server.revoke(tokens.refreshToken) else {
            Issue.record("the grant goes on")
            return
        }
        #expect(user == server.user.id)
        for token in [tokens.refreshToken, tokens.accessToken] {
            guard case .nothing = try await server.revoke(token) else {
                Issue.record("it was ended twice")
                return
            }
        }
    }

    @Test(.spec("V-02", "RFC 7009 §2.2"), arguments: [nil, "refresh_token", "access_token", "mystery"])
    func whatIsNoTokenAnyMoreIsAnsweredAlike(_ hint: String?) async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize())
        _ = try await server.revoke(tokens.refreshToken, hint: hint)
        let foreign = try await TestServer(seed: 2)
        let strange = try await foreign.redeem(foreign.authorize())
        for text in ["nonsense", "a.b.c", strange.accessToken, strange.refreshToken] {
            guard case .nothing = try await server.revoke(text, hint: hint) else {
                Issue.record("something was revoked")
                return
            }
        }
        #expect(await refusal { try await server.userInfo(tokens.accessToken) } == .invalidToken)
    }

    @Test(.spec("V-03", "RFC 7009 §2.1"))
    func anotherClientsTokenStaysAlive() async throws {
        let server = try await TestServer()
        let other = try await server.register(.confidential("other"))
        let tokens = try await server.redeem(server.authorize())
        let own = try await server.token([.grantType: "client_credentials"])
        for text in [tokens.refreshToken, tokens.accessToken, own.accessToken] {
            #expect(await refusal { try await server.revoke(text, from: other) } == .invalidGrant)
        }
        _ = try await server.userInfo(tokens.accessToken)
        #expect(try await server.isActive(own.accessToken) == true)
        _ = try await server.refresh(tokens.refreshToken)
    }

    @Test(.spec("V-05", "H-09"))
    func refusesWhatItCannotRevoke() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize())
        #expect(await refusal { try await server.revoke(tokens.idToken) } == .unsupportedTokenType)
        #expect(await refusal { try await server.revoke(nil) } == .invalidRequest)
        let twice = try FormParameters(decoding: Array("token=a&token=b".utf8))
        #expect(
            await refusal { try await RevocationEndpoint(server.environment).respond(to: twice, from: server.client) }
                == .invalidRequest)
        _ = try await server.userInfo(tokens.accessToken)
    }
}
