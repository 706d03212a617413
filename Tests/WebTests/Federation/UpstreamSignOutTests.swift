import AuthorizationServer
import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Signing out at a provider, and by it")
struct UpstreamSignOutTests {
    private func grace(_ session: String? = "s-1") -> ScriptedPerson {
        var person = ScriptedPerson("g-1", email: "grace@example.org")
        if let session { person.claims["sid"] = .string(session) }
        return person
    }

    private func isSignedIn(_ site: FederationSite, _ browser: TestBrowser) async -> Bool {
        await browser.get(site.test.authorize(["prompt": "none"])).answer?[.code] != nil
    }

    private func tell(
        _ site: FederationSite, _ claims: JSONObject, at connector: String = "login"
    ) async throws
        -> Page
    {
        let token = try site.provider.logoutToken(claims)
        return await TestBrowser(site.test).post("/federation/\(connector)/logout", ["logout_token": token])
    }

    @Test(arguments: [["sub": "g-1"], ["sid": "s-1"], ["sub": "g-1", "sid": "s-1"]] as [JSONObject])
    func theProviderEndsOurSession(_ claims: JSONObject) async throws {
        let site = try await FederationSite()
        let (browser, other) = (TestBrowser(site.test), TestBrowser(site.test))
        let code = try #require(try await site.signIn(browser, as: grace()).answer?[.code])
        let tokens = await site.test.redeem(code).json
        _ = try await site.signIn(other, as: ScriptedPerson("h-1", email: "hedy@example.org"))
        #expect(await isSignedIn(site, browser))
        let answer = try await tell(site, claims)
        #expect(answer.status == 200 && answer.response.headers["Cache-Control"] == "no-store")
        #expect(await !isSignedIn(site, browser))
        // What hung on the session goes with it, and nobody else does.
        let refreshToken = try #require(tokens["refresh_token"]?.string)
        #expect(await site.test.refresh(refreshToken).json["error"]?.string == "invalid_grant")
        #expect(await isSignedIn(site, other))
    }

    @Test func theClientsOfThatSessionAreToldToo() async throws {
        let site = try await FederationSite()
        let storage = site.test.environment.storage
        var client = try #require(try await storage.clients.find(ClientID("shop")!))
        client.metadata.backchannelLogoutURI = WebAddress("https://shop.example/signed-out")
        #expect(try await storage.clients.replace(client))
        site.test.environment.clients.forget()
        _ = try await site.signIn(TestBrowser(site.test), as: grace())
        let now = site.test.clock.now
        #expect(try await storage.participations.waiting(at: now) == [])
        // Somebody else's end is none of theirs.
        #expect(try await tell(site, ["sub": "g-2"]).status == 200)
        #expect(try await storage.participations.waiting(at: now) == [])
        #expect(try await tell(site, ["sub": "g-1"]).status == 200)
        #expect(try await storage.participations.waiting(at: now) == [client.id])
    }

    @Test(arguments: [["sub": "g-2"], ["sid": "s-2"], ["sub": "g-2", "sid": "s-1"]] as [JSONObject])
    func whatMeansSomebodyElseEndsNothing(_ claims: JSONObject) async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        _ = try await site.signIn(browser, as: grace())
        #expect(try await tell(site, claims).status == 200)
        #expect(await isSignedIn(site, browser))
    }

    // Nobody escapes by signing in more often than one list has room for.
    @Test func theProviderEndsHundredsOfSessions() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        _ = try await site.signIn(browser, as: grace())
        let storage = site.test.environment.storage
        let now = site.test.clock.now
        let owner = try #require(try await storage.users.find(Email("grace@example.org")!))
        for number in 0..<250 {
            let id = "s\(number)"
            try await storage.sessions.start(
                Session(
                    digest: .numbered(5000 + number), id: SessionID(rawValue: id), userID: owner.id,
                    authenticatedAt: now, methods: [], startedAt: now, lastUsedAt: now + .seconds(number), device: nil,
                    network: nil, expiresAt: now + .seconds(9999)), replacing: nil)
            try await storage.upstreamSessions.note(
                UpstreamSession(
                    sessionID: SessionID(rawValue: id), connector: ConnectorID(rawValue: "login"), subject: "g-1",
                    providerSession: nil, userID: owner.id, sealedTokens: nil, createdAt: now + .microseconds(number),
                    expiresAt: now + .seconds(9999)))
        }
        #expect(try await tell(site, ["sub": "g-1"]).status == 200)
        #expect(try await storage.sessions.list(of: owner.id, at: now).isEmpty)
    }

    @Test func whatCannotBeVerifiedIsRefused() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        _ = try await site.signIn(browser, as: grace())
        let wrong = try await tell(site, ["sub": "g-1", "aud": "another"])
        #expect(wrong.status == 400 && wrong.text.contains("invalid_request"))
        // The word of one provider does not count at the address of another.
        #expect(try await tell(site, ["sub": "g-1"], at: "other").status == 400)
        #expect(await TestBrowser(site.test).post("/federation/login/logout", [:]).status == 400)
        #expect(try await tell(site, ["sub": "g-1"], at: "nobody").status == 400)
        #expect(await isSignedIn(site, browser))
        #expect(try await tell(site, ["sub": "g-1"]).status == 200)
    }

    // The session begins after the second factor; the provider may end it all the same.
    @Test(arguments: [true, false])
    func aSessionWithASecondFactorEndsToo(mayLink: Bool) async throws {
        let site = try await FederationSite(["keep_tokens": true, "may_link": .bool(mayLink)])
        let browser = TestBrowser(site.test)
        let link = LinkedIdentity(
            connector: ConnectorID(rawValue: "login"), subject: "g-1", userID: site.test.user.id, email: nil, name: nil,
            linkedAt: .noon, lastUsedAt: nil)
        #expect(try await site.test.environment.storage.links.link(link) == .linked)
        let secret = try await site.test.turnOn(TestBrowser(site.test)).secret
        let page = try await site.signIn(browser, as: grace())
        let end = await browser.follow(await browser.submit(page, ["code": try site.test.code(secret)]))
        #expect(end.answer?[.code] != nil)
        let records = try await site.test.environment.storage.upstreamSessions.list(
            link.connector, subject: "g-1", at: site.test.clock.now)
        #expect(records.count == 1 && records[0].providerSession == "s-1" && records[0].sealedTokens != nil)
        #expect(try await tell(site, ["sid": "s-1"]).status == 200)
        #expect(await !isSignedIn(site, browser))
    }

    // Whoever has not come to the end is on the way in by what the provider has ended, or the owner has taken away.
    @Test(arguments: [["sub": "g-1"], ["sid": "s-1"], ["sub": "g-2", "sid": "s-1"], [:]] as [JSONObject])
    func whoWaitsForTheSecondFactorIsSignedOutToo(_ claims: JSONObject) async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let link = LinkedIdentity(
            connector: ConnectorID(rawValue: "login"), subject: "g-1", userID: site.test.user.id, email: nil, name: nil,
            linkedAt: .noon, lastUsedAt: nil)
        let links = site.test.environment.storage.links
        #expect(try await links.link(link) == .linked)
        let secret = try await site.test.turnOn(TestBrowser(site.test)).secret
        let page = try await site.signIn(browser, as: grace())
        if claims.isEmpty {
            #expect(try await links.unlink(link.connector, subject: "g-1", of: link.userID) == .removed)
        } else {
            #expect(try await tell(site, claims).status == 200)
        }
        let end = await browser.follow(await browser.submit(page, ["code": try site.test.code(secret)]))
        let isSomebodyElse = claims["sub"]?.string == "g-2"
        #expect((end.answer?[.code] != nil) == isSomebodyElse)
        #expect((browser.cookies["__Host-martlet-session"] != nil) == isSomebodyElse)
    }

    // One of which the provider named no session of its own is ended by the person.
    @Test func aTokenWithBothEndsWhatHasNoSessionThere() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        _ = try await site.signIn(browser, as: grace(nil))
        #expect(try await tell(site, ["sub": "g-1", "sid": "s-1"]).status == 200)
        #expect(await !isSignedIn(site, browser))
    }

    @Test func whoSignsInLaterIsNotMeant() async throws {
        let site = try await FederationSite()
        let token = try site.provider.logoutToken(["sub": "g-1"])
        site.test.clock.advance(by: .seconds(90))
        let browser = TestBrowser(site.test)
        _ = try await site.signIn(browser, as: grace())
        #expect(
            await TestBrowser(site.test).post("/federation/login/logout", ["logout_token": token]).status == 200)
        #expect(await isSignedIn(site, browser))
        #expect(try await tell(site, ["sub": "g-1"]).status == 200)
        #expect(await !isSignedIn(site, browser))
    }

    @Test func whoSignsOutHereSignsOutThere() async throws {
        let site = try await FederationSite(["sign_out": true])
        let browser = TestBrowser(site.test)
        let code = try #require(try await site.signIn(browser, as: grace()).answer?[.code])
        let idToken = try #require(await site.test.redeem(code).json["id_token"]?.string)
        let bye = "https://shop.example/bye"
        let query = ScriptedUpstream.encode([
            ("id_token_hint", idToken), ("post_logout_redirect_uri", bye), ("state", "s1"),
        ])
        let away = try #require(await browser.get("/logout?" + query).location)
        #expect(away.hasPrefix(site.provider.issuer + "/logout?"))
        #expect(await !isSignedIn(site, browser))
        let asked = try ScriptedUpstream.query(of: away)
        #expect(asked[Parameter("post_logout_redirect_uri")] == "https://id.example/federation/login/signed-out")
        #expect(asked[Parameter("client_id")] == site.provider.clientID)
        #expect(asked[Parameter("id_token_hint")]?.split(separator: ".").count == 3)
        let back = ScriptedUpstream.encode([("state", asked[Parameter("state")] ?? "")])
        #expect(await browser.get("/federation/login/signed-out?" + back).location == bye + "?state=s1")
        // Nobody else is led there by it, and without it nobody is led anywhere.
        #expect(await TestBrowser(site.test).get("/federation/login/signed-out?" + back).status == 200)
        #expect(await browser.get("/federation/login/signed-out").status == 200)
    }

    // A provider that hangs would keep people from signing out here.
    @Test func signingOutAsksTheProviderNothing() async throws {
        let site = try await FederationSite(["sign_out": true, "keep_tokens": true])
        let browser = TestBrowser(site.test)
        _ = try await site.signIn(browser, as: grace())
        site.test.clock.advance(by: .seconds(3 * 3600))
        let calls = site.provider.calls.count
        site.provider.misbehave(.slowDiscovery)
        let page = await browser.follow("/logout")
        let away = await browser.submit(page, ["decision": "sign-out"])
        #expect(away.location?.hasPrefix(site.provider.issuer + "/logout?") == true)
        #expect(site.provider.calls.count == calls)
    }

    enum Away: CaseIterable {
        case offersNone, isNotAsked, isDead
    }

    @Test(arguments: Away.allCases)
    func aProviderThatIsAwayOrNotAskedKeepsNobody(_ reason: Away) async throws {
        let site = try await FederationSite(reason == .isNotAsked ? [:] : ["sign_out": true])
        if reason == .offersNone { site.provider.announce(["end_session_endpoint": .null]) }
        let browser = TestBrowser(site.test)
        let code = try #require(try await site.signIn(browser, as: grace()).answer?[.code])
        let idToken = try #require(await site.test.redeem(code).json["id_token"]?.string)
        if reason == .isDead {
            site.provider.misbehave(.dead)
            for _ in 0..<3 { _ = try await site.signIn(TestBrowser(site.test)) }
        }
        let answer = await browser.get("/logout?" + ScriptedUpstream.encode([("id_token_hint", idToken)]))
        #expect(answer.status == 200 && answer.location == nil)
        #expect(await !isSignedIn(site, browser))
    }
}
