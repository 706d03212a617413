import AuthorizationServer
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Scopes of an authorization request", .spec("RFC 6749 §3.3", "A-06", "A-07", "A-53", "A-54"))
struct AuthorizationScopeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let asked: String
        let granted: ScopeSet?
        init(_ asked: String, _ granted: ScopeSet?) {
            self.asked = asked
            self.granted = granted
        }
        var testDescription: String { "\(asked.prefix(60)) -> \(granted?.description ?? "invalid_scope")" }
    }

    static let reader = Client.confidential(
        "reader", grantTypes: [.authorizationCode], scopes: [.openid, .email, .offlineAccess, Scope("orders:read")!]
    )

    @Test(arguments: [
        Case("openid", [.openid]), Case("openid email", [.openid, .email]),
        Case("email openid email", [.openid, .email]),
        Case("  openid   email ", [.openid, .email]), Case("openid no:such", [.openid]),
        Case("orders:read", [Scope("orders:read")!]),
        Case("no:such", nil), Case(" ", nil), Case("openid\tprofile", nil), Case("openid \"", nil),
        Case("openid \u{E9}", nil),
        // Known here, and not for this client.
        Case("openid profile", nil), Case("openid orders:write", nil), Case("orders:write", nil),
        // No refresh tokens for this client: ignored.
        Case("openid offline_access", [.openid]), Case("offline_access", nil),
        Case((0..<64).map { "s\($0)" }.joined(separator: " ") + " openid", nil),
        Case("openid " + (0..<63).map { "s\($0)" }.joined(separator: " "), [.openid]),
        Case("openid " + String(repeating: "x", count: 129), nil),
    ])
    func areGrantedAsFarAsTheClientMayHaveThem(_ row: Case) async throws {
        let server = try await TestServer()
        let client = try await server.register(AuthorizationScopeTests.reader)
        guard let granted = row.granted else {
            let answer = try await server.decide([.scope: row.asked], for: client, from: server.browser()).answer
            #expect(answer?[.error] == "invalid_scope")
            return
        }
        let tokens = try await server.redeem(server.authorize([.scope: row.asked], for: client), from: client)
        #expect(tokens.scope == granted)
        #expect(try tokens.wire["scope"]?.string == tokens.scope.description)
    }

    @Test func includeOfflineAccessForAClientThatMayHaveIt() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize([.scope: "openid offline_access"]))
        #expect(tokens.scope == [.openid, .offlineAccess])
    }

    @Test func withoutOpenIDBringNoIDTokenAndNoUserInfo() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize([.scope: "orders:read"]))
        #expect(tokens.idToken == nil)
        #expect(await refusal { try await server.userInfo(tokens.accessToken) } == .insufficientScope)
        let other = try await server.redeem(server.authorize([.scope: "openid"]))
        #expect(other.idToken != nil)
        _ = try await server.userInfo(other.accessToken)
    }
}
