import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Refresh token grant", .spec("RFC 6749 §6", "RFC 9700 §4.14.2"))
struct RefreshTokenGrantTests {
    @Test(.spec("T-20", "T-23"), arguments: [Client.confidential(), .open()])
    func rotatesOnEveryUse(_ client: Client) async throws {
        let server = try await TestServer()
        try await server.register(client)
        let first = try await server.redeem(server.authorize(for: client), from: client)
        let second = try await server.refresh(first.refreshToken, from: client)
        let third = try await server.refresh(second.refreshToken, from: client)
        #expect(Set([first, second, third].compactMap(\.refreshToken)).count == 3)
        #expect(Set([first, second, third].map(\.accessToken)).count == 3)
        _ = try await server.userInfo(third.accessToken)
    }

    @Test(.spec("T-23"), arguments: [Client.confidential(), .open()])
    func revokesTheFamilyWhenASpentTokenComesBack(_ client: Client) async throws {
        let server = try await TestServer()
        try await server.register(client)
        let first = try await server.redeem(server.authorize(for: client), from: client)
        let second = try await server.refresh(first.refreshToken, from: client)
        server.clock.advance(by: .seconds(10))  // the end of the time for a retry
        #expect(await refusal { try await server.refresh(first.refreshToken, from: client) } == .invalidGrant)
        #expect(await refusal { try await server.refresh(second.refreshToken, from: client) } == .invalidGrant)
        #expect(await refusal { try await server.userInfo(second.accessToken) } == .invalidToken)
    }

    @Test(.spec("DESIGN §7"))
    func answersTheRetryOfALostRequest() async throws {
        let server = try await TestServer()
        let first = try await server.redeem(server.authorize())
        let second = try await server.refresh(first.refreshToken)
        server.clock.advance(by: .seconds(9))
        let again = try await server.refresh(first.refreshToken)
        #expect(again.refreshToken == second.refreshToken)
        _ = try await server.refresh(again.refreshToken)
    }

    @Test(.spec("T-23"))
    func takesAnotherScopeForAnotherRequestThanARetry() async throws {
        let server = try await TestServer()
        let first = try await server.redeem(server.authorize())
        let second = try await server.refresh(first.refreshToken)
        #expect(await refusal { try await server.refresh(first.refreshToken, scope: "openid") } == .invalidGrant)
        #expect(await refusal { try await server.refresh(second.refreshToken) } == .invalidGrant)
    }

    @Test(.spec("T-23", "CVE-2026-9802"))
    func knowsASpentTokenHoweverOld() async throws {
        let server = try await TestServer()
        let first = try await server.redeem(server.authorize())
        var last = first
        for _ in 0..<5 { last = try await server.refresh(last.refreshToken) }
        // Two steps back is no retry, even at once.
        #expect(await refusal { try await server.refresh(first.refreshToken) } == .invalidGrant)
        #expect(await refusal { try await server.refresh(last.refreshToken) } == .invalidGrant)
    }

    @Test(.spec("T-25", "CVE-2026-1035"))
    func neverGrowsTwoBranches() async throws {
        let server = try await TestServer()
        let first = try await server.redeem(server.authorize())
        let all = try await concurrently(50) { try? await server.refresh(first.refreshToken).refreshToken }
        #expect(Set(all.compactMap { $0 }).count == 1)
        let second = try #require(all.compactMap { $0 }.first)
        _ = try await server.refresh(second)
    }

    @Test(.spec("T-20"))
    func narrowsTheScopeAndNeverWidensIt() async throws {
        let server = try await TestServer()
        let first = try await server.redeem(server.authorize([.scope: "openid profile"]))
        for scope in ["openid email", "email", "openid profile orders:read", "no:such", " ", "\"", "openid\u{E9}"] {
            #expect(await refusal { try await server.refresh(first.refreshToken, scope: scope) } == .invalidScope)
        }
        let second = try await server.refresh(first.refreshToken, scope: "profile")
        #expect(second.scope == [.profile])
        #expect(try second.accessClaims["scope"]?.string == "profile")
        #expect(second.idToken == nil)
        // What was given stays the measure of the next request.
        let third = try await server.refresh(second.refreshToken)
        #expect(third.scope == [.openid, .profile])
    }

    @Test(.spec("T-21"))
    func refusesATokenOfAnotherClient() async throws {
        let server = try await TestServer()
        let other = try await server.register(.confidential("other"))
        let first = try await server.redeem(server.authorize())
        #expect(await refusal { try await server.refresh(first.refreshToken, from: other) } == .invalidGrant)
        let second = try await server.refresh(first.refreshToken)
        // Nor does a stranger with a spent token end the family: it was never theirs to use.
        for scope in [nil, "openid"] {
            let refused = await refusal { try await server.refresh(first.refreshToken, scope: scope, from: other) }
            #expect(refused == .invalidGrant)
        }
        _ = try await server.refresh(second.refreshToken)
    }

    @Test(.spec("T-26", "ASVS 10.4.8"))
    func endsAfterTwoWeeksWithoutUse() async throws {
        let server = try await TestServer()
        var tokens = try await server.redeem(server.authorize())
        server.clock.advance(by: .seconds(14 * 86_400 - 1))
        tokens = try await server.refresh(tokens.refreshToken)
        server.clock.advance(by: .seconds(14 * 86_400))
        #expect(await refusal { try await server.refresh(tokens.refreshToken) } == .invalidGrant)
    }

    @Test(.spec("T-26"))
    func endsAfterNinetyDaysHoweverOftenUsed() async throws {
        let server = try await TestServer()
        var tokens = try await server.redeem(server.authorize())
        for _ in 0..<8 {
            server.clock.advance(by: .seconds(11 * 86_400))
            tokens = try await server.refresh(tokens.refreshToken)
        }
        server.clock.advance(by: .seconds(2 * 86_400 - 60))
        let last = try await server.refresh(tokens.refreshToken)
        // Nothing of a grant outlives it.
        #expect(last.expiresIn == 60)
        #expect(try last.accessClaims.expiresAt == server.clock.now.seconds + 60)
        server.clock.advance(by: .seconds(60))
        #expect(await refusal { try await server.refresh(last.refreshToken) } == .invalidGrant)
        #expect(await refusal { try await server.userInfo(last.accessToken) } == .invalidToken)
    }

    @Test(.spec("T-28", "L-19", "Back-Channel Logout §2.7"))
    func endsWithTheSessionButForOfflineAccess() async throws {
        let server = try await TestServer()
        let browser = try await server.signIn()
        let bound = try await server.redeem(server.authorizeSilently([.scope: "openid"], in: browser))
        let free = try await server.redeem(server.authorizeSilently([.scope: "openid offline_access"], in: browser))
        try await server.signOut(browser)
        #expect(await refusal { try await server.refresh(bound.refreshToken) } == .invalidGrant)
        #expect(await refusal { try await server.userInfo(bound.accessToken) } == .invalidToken)
        _ = try await server.refresh(free.refreshToken)
    }

    @Test(.spec("T-28"))
    func endsWithANewPasswordAndWithTheAccount() async throws {
        let server = try await TestServer()
        let ada = try await server.addUser("ada")
        let (one, two) = (
            try await server.redeem(server.authorize()), try await server.redeem(server.authorize(as: ada))
        )
        server.clock.advance(by: .seconds(1))
        _ = try await server.storage.users.setPassword("hash", of: server.user.id, at: server.clock.now)
        #expect(await refusal { try await server.refresh(one.refreshToken) } == .invalidGrant)
        let next = try await server.refresh(two.refreshToken)
        _ = try await server.storage.users.disable(ada.id, at: server.clock.now)
        #expect(await refusal { try await server.refresh(next.refreshToken) } == .invalidGrant)
        #expect(await refusal { try await server.userInfo(next.accessToken) } == .invalidToken)
    }

    @Test(.spec("T-27", "OpenID Connect Core §12.2"))
    func givesANewIDTokenOfTheSameSignIn() async throws {
        let server = try await TestServer()
        let first = try await server.redeem(server.authorize())
        server.clock.advance(by: .seconds(600))
        let second = try await server.refresh(first.refreshToken)
        let (old, new) = (try #require(try first.idClaims), try #require(try second.idClaims))
        #expect(new.issuer == old.issuer)
        #expect(new.subject == old.subject)
        #expect(new.audience == old.audience)
        #expect(new["auth_time"] == old["auth_time"])
        #expect(new["sid"] == old["sid"])
        #expect(new["nonce"] == nil)
        #expect(old["nonce"] != nil)
        #expect(new.issuedAt == old.issuedAt.map { $0 + 600 })
    }

    @Test(.spec("RFC 6749 §5.2"))
    func isNotThereForAClientWithoutIt() async throws {
        let server = try await TestServer()
        let plain = try await server.register(.confidential("plain", grantTypes: [.authorizationCode]))
        let tokens = try await server.redeem(server.authorize(for: plain), from: plain)
        #expect(tokens.refreshToken == nil)
        let theirs = try await server.redeem(server.authorize())
        #expect(await refusal { try await server.refresh(theirs.refreshToken, from: plain) } == .unauthorizedClient)
        #expect(await refusal { try await server.refresh(nil) } == .invalidRequest)
    }
}

extension TestServer {
    /// The code of a person who is signed in already and has allowed everything before.
    func authorizeSilently(
        _ changes: [Parameter: String?], for other: Client? = nil, in browser: Browser
    ) async throws -> String {
        let client = other ?? self.client
        let session = try #require(browser.session)
        try await storage.consents.remember(client.scopes, user: session.userID, client: client.id, at: clock.now)
        return try #require(try await decide(changes, for: client, from: browser).answer?[.code])
    }
}
