import AuthorizationServer
import HTTP
import JSON
import OAuthTypes
import Stores
import Testing

@Suite("A person signs in to a client")
struct SignInFlowTests {
    @Test("T-10, A-13: sign-in, consent, code, tokens, userinfo")
    func theWholeWay() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let signIn = await browser.follow(test.authorize())
        #expect(signIn.status == 200)
        #expect(signIn.text.contains("The Shop"))

        let consent = await browser.follow(
            browser.submit(signIn, ["email": TestSite.email, "password": TestSite.password])
        )
        #expect(consent.text.contains("id=\"allow\""))
        #expect(consent.text.contains("shop.example"))

        let answer = await browser.submit(consent, ["decision": "allow"])
        #expect(answer.status == 303)
        #expect(answer.location?.hasPrefix(TestSite.redirectURI + "?code=") == true)
        #expect(answer.answer?[.state] == "the state")
        #expect(answer.answer?[.issuer] == "https://id.example")

        let tokens = await test.redeem(try #require(answer.answer?[.code]))
        #expect(tokens.status == 200)
        let accessToken = try #require(tokens.json["access_token"]?.string)
        let userInfo = await test.userInfo(accessToken)
        #expect(userInfo.json["sub"]?.string == test.user.id.rawValue)
        #expect(userInfo.json["email"]?.string == TestSite.email)
        #expect(userInfo.json["email_verified"] == .bool(true))
        #expect(userInfo.json["name"]?.string == "Ada Lovelace")
        #expect(test.failures.texts.isEmpty)
    }
}
