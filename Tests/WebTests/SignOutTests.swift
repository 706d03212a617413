import AuthorizationServer
import HTTP
import JSON
import OAuthTypes
import Stores
import Testing

@Suite("Signing out over HTTP")
struct SignOutTests {
    struct Signed {
        let test: TestSite
        let browser: TestBrowser
        let tokens: JSONValue

        init(scope: String = "openid", _ metadata: JSONObject = [:]) async throws {
            test = try await TestSite(party: .first)
            var client = try #require(try await test.environment.storage.clients.find(ClientID("shop")!))
            client.metadata = try ClientMetadata(metadata)
            try #require(try await test.environment.storage.clients.replace(client))
            browser = TestBrowser(test)
            let code = try #require(await test.signIn(browser, ["scope": scope]).answer?[.code])
            tokens = await test.redeem(code).json
        }

        func logout(_ parameters: [String: String]) async -> Page {
            let query = parameters.map { "\($0.key)=\(FormParameters.encode($0.value))" }.joined(separator: "&")
            return await browser.get("/logout?" + query)
        }

        var idToken: String { tokens["id_token"]?.string ?? "" }

        func isSignedIn() async -> Bool {
            await browser.get(test.authorize(["prompt": "none"])).answer?[.code] != nil
        }
    }

    static let target = "https://shop.example/bye"

    @Test("L-02, L-12, L-19: with its ID token a client signs the person out and gets them back")
    func hinted() async throws {
        let signed = try await Signed()
        let session = signed.browser.cookies["__Host-martlet-session"]
        let answer = await signed.logout([
            "id_token_hint": signed.idToken, "post_logout_redirect_uri": SignOutTests.target, "state": "s&1",
        ])
        #expect(answer.location == SignOutTests.target + "?state=s%261")
        #expect(signed.browser.cookies["__Host-martlet-session"] == nil)
        signed.browser.cookies["__Host-martlet-session"] = session
        #expect(await !signed.isSignedIn(), "the old cookie is useless")
        let refreshToken = try #require(signed.tokens["refresh_token"]?.string)
        #expect(await signed.test.refresh(refreshToken).json["error"]?.string == "invalid_grant")
    }

    @Test("L-19: offline_access outlives the session")
    func offlineAccess() async throws {
        let signed = try await Signed(
            scope: "openid offline_access", ["martlet_compatibility": ["offline_without_consent"]])
        _ = await signed.logout(["id_token_hint": signed.idToken])
        #expect(await !signed.isSignedIn())
        let refreshToken = try #require(signed.tokens["refresh_token"]?.string)
        #expect(await signed.test.refresh(refreshToken).status == 200)
    }

    @Test("L-04, L-05, L-09, L-11: without proof the person is asked, and stays signed in until they press the button")
    func asked() async throws {
        let signed = try await Signed()
        let page = await signed.logout(["client_id": "shop", "post_logout_redirect_uri": SignOutTests.target])
        #expect(page.status == 200 && page.text.contains("id=\"sign-out\""))
        #expect(await signed.isSignedIn())
        let forged = await signed.browser.post(page.formAction ?? "", ["decision": "sign-out"])
        #expect(forged.status == 403)
        #expect(await signed.isSignedIn())
        #expect(await signed.browser.submit(page, ["decision": "stay"]).status == 200)
        #expect(await signed.isSignedIn())
        let out = await signed.browser.submit(page, ["decision": "sign-out"])
        #expect(out.text.contains("id=\"signed-out\"") && out.location == nil)
        #expect(await !signed.isSignedIn())
    }

    @Test(
        "L-06, L-07, L-08: what is not in order signs nobody out and sends nobody anywhere",
        arguments: [
            ["post_logout_redirect_uri": "https://evil.example/"],
            ["post_logout_redirect_uri": target + "/"], ["id_token_hint": "e30.e30.AA"], ["client_id": "other"],
        ]
    )
    func outOfOrder(_ changes: [String: String]) async throws {
        let signed = try await Signed()
        let right = ["id_token_hint": signed.idToken, "post_logout_redirect_uri": SignOutTests.target]
        let page = await signed.logout(right.merging(changes) { _, own in own })
        #expect(page.status == 400 && page.location == nil)
        #expect(await signed.isSignedIn())
        #expect(await signed.logout(right).location == SignOutTests.target)
    }

    @Test("L-01: a post from a client's page, which brings no cookie, means the same as the address")
    func postFromAnotherSite() async throws {
        let signed = try await Signed()
        let cookies = signed.browser.cookies
        let fields = ["id_token_hint": signed.idToken, "post_logout_redirect_uri": SignOutTests.target, "state": "s"]
        signed.browser.cookies = [:]
        let moved = await signed.browser.post("/logout", fields)
        #expect(moved.status == 303 && moved.response.headers["Set-Cookie"] == nil)
        signed.browser.cookies = cookies
        #expect(await signed.isSignedIn())
        #expect(await signed.browser.follow(moved).location == SignOutTests.target + "?state=s")
        #expect(await !signed.isSignedIn())
    }

    @Test("L-01, L-11: a post that brings the cookies is judged at once, and without proof it asks")
    func postWithCookies() async throws {
        let signed = try await Signed()
        let odd = "a#b&c"
        let page = await signed.browser.post("/logout", ["state": odd, "client_id": "shop"])
        #expect(page.text.contains("id=\"sign-out\""))
        #expect(page.formAction?.contains("#") == false && page.formAction?.contains("state=a%23b%26c") == true)
        #expect(await signed.isSignedIn())
        _ = await signed.browser.submit(page, ["decision": "sign-out"])
        #expect(await !signed.isSignedIn())
    }

    @Test("L-11: what another site sends without the cookie takes no cookie away")
    func removalNeedsACookie() async throws {
        let test = try await TestSite()
        #expect(await TestBrowser(test).get("/logout").response.headers["Set-Cookie"] == nil)
    }

    @Test("L-10: nobody signed in is not an error")
    func nobody() async throws {
        let test = try await TestSite()
        let page = await TestBrowser(test).get("/logout")
        #expect(page.status == 200 && page.text.contains("id=\"signed-out\""))
    }
}
