import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("UserInfo endpoint", .spec("OpenID Connect Core §5.3"))
struct UserInfoTests {
    @Test(
        .spec("U-01", "U-08", "U-09", "OpenID Connect Core §5.4"),
        arguments: [
            ("openid", ["sub"]), ("openid email", ["sub", "email", "email_verified"]),
            ("openid profile", ["sub", "name", "updated_at"]),
            ("openid orders:read", ["sub"]),
            ("openid profile email", ["sub", "name", "updated_at", "email", "email_verified"]),
        ])
    func showsWhatTheScopesAllow(_ scope: String, _ names: [String]) async throws {
        let server = try await TestServer()
        let zoe = User.withEveryFieldSet(id: "u_full", disabledAt: nil)
        _ = try await server.storage.users.insert(zoe)
        let tokens = try await server.redeem(server.authorize([.scope: scope], as: zoe))
        let claims = try #require(try await server.userInfo(tokens.accessToken).wire.object)
        #expect(claims.map(\.name) == names)
        #expect(claims["sub"]?.string == (try tokens.idClaims?.subject))
        if names.contains("email") {
            #expect(claims["email"]?.string == zoe.email.rawValue)
            #expect(claims["email_verified"]?.bool == true)
        }
        if names.contains("name") {
            #expect(claims["name"]?.string == zoe.name)
            #expect(claims["updated_at"]?.integer == zoe.updatedAt.seconds)
        }
    }

    @Test(.spec("U-08"))
    func leavesOutWhatIsEmpty() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize([.scope: "openid profile"]))
        #expect(try await server.userInfo(tokens.accessToken).wire["name"] == nil)
    }

    @Test(.spec("U-04"))
    func wantsTheScopeOpenIDAlsoAfterNarrowing() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize([.scope: "openid email"]))
        let narrow = try await server.refresh(tokens.refreshToken, scope: "email")
        #expect(await refusal { try await server.userInfo(narrow.accessToken) } == .insufficientScope)
        let wide = try await server.refresh(narrow.refreshToken)
        _ = try await server.userInfo(wide.accessToken)
    }

    @Test(.spec("U-03", "V-04"))
    func feelsARevocationAtOnce() async throws {
        let server = try await TestServer()
        let first = try await server.redeem(server.authorize())
        let second = try await server.redeem(server.authorize())
        let grant = try #require(try first.accessClaims["grant_id"]?.string)
        try await server.storage.grants.revoke(GrantID(rawValue: grant), at: server.clock.now)
        #expect(await refusal { try await server.userInfo(first.accessToken) } == .invalidToken)
        _ = try await server.userInfo(second.accessToken)
    }

    @Test(.spec("U-03"))
    func refusesTheTokenOfARemovedClientAndOfADisabledAccount() async throws {
        let server = try await TestServer()
        let other = try await server.register(.confidential("other"))
        let ada = try await server.addUser("ada")
        let removed = try await server.redeem(server.authorize(for: other), from: other)
        let disabled = try await server.redeem(server.authorize(as: ada))
        let good = try await server.redeem(server.authorize())
        _ = try await server.storage.clients.remove(other.id)
        _ = try await server.storage.users.disable(ada.id, at: server.clock.now)
        #expect(await refusal { try await server.userInfo(removed.accessToken) } == .invalidToken)
        #expect(await refusal { try await server.userInfo(disabled.accessToken) } == .invalidToken)
        _ = try await server.userInfo(good.accessToken)
    }
}
