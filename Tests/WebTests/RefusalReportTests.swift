import AuthorizationServer
import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Synchronization
import Testing
import Web

@Suite("What the log is told of refusals, under the support code of the answer")
struct RefusalReportTests {
    /// What was told, by support code.
    final class Told: Sendable {
        private let all = Mutex<[String: Explanation]>([:])

        func note(_ id: RequestID, _ explanation: Explanation) { all.withLock { $0[id.description] = explanation } }

        func take() -> Explanation? { takeWithCode()?.value }

        func takeWithCode() -> (key: String, value: Explanation)? {
            all.withLock { told in
                defer { told = [:] }
                return told.count == 1 ? told.first : nil
            }
        }
    }

    private let told = Told()

    private func site(registration: RegistrationPolicy? = nil) async throws -> TestSite {
        try await TestSite(registration: registration, refusals: { [told] in told.note($0, $1) })
    }

    @Test func aWrongSecretIsToldOfTheClientWhereverItsNameStands() async throws {
        let test = try await site()
        let basic = "Basic " + Base64.encode(Array("shop:wrong".utf8))
        let answer = await test.token(["grant_type": "client_credentials"], proof: .header(basic))
        #expect(answer.status == 401)
        let explanation = try #require(told.take())
        #expect(explanation.code == "invalid_client" && explanation.advice == "the secret is not the client's")
        _ = await test.token(
            ["grant_type": "client_credentials", "client_id": "shop", "client_secret": "wrong"], proof: .none)
        #expect(told.take()?.advice == "the secret is not the client's")
        _ = await test.token(["grant_type": "client_credentials"], proof: .none)
        #expect(told.take()?.advice == "the request names no client")
        #expect(await test.token(["grant_type": "client_credentials"]).status == 200)
        #expect(told.take() == nil)
    }

    @Test(arguments: [
        ("nonsense", "the access token is refused: it is no JWT"),
        ("a.b.c", "the access token is refused: it is no JWT"),
    ])
    func aTokenThatIsNoneIsTold(_ token: String, _ advice: String) async throws {
        let test = try await site()
        #expect(await test.userInfo(token).status == 401)
        let explanation = try #require(told.take())
        #expect(explanation.advice == advice && explanation.section.hasPrefix("RFC 9068 §4"))
    }

    @Test func anExpiredTokenAndOneOfNobodyAreTold() async throws {
        let test = try await site()
        let token = try #require(
            await test.token(["grant_type": "client_credentials"]).json["access_token"]?.string)
        #expect(await test.userInfo(token).status == 403)
        #expect(told.take()?.advice.hasPrefix("it is a token of the client shop itself") ?? false)
        test.clock.advance(by: .seconds(3600))
        #expect(await test.userInfo(token).status == 401)
        #expect(told.take()?.advice == "the access token is refused: its exp is past")
    }

    @Test func aDocumentThatCannotBeRegisteredIsToldByItsMembers() async throws {
        let test = try await site(
            registration: RegistrationPolicy(try JSONObject(parsing: Array(#"{"access": "open"}"#.utf8))))
        let canary = "canary-4711"
        let body =
            #"{"redirect_uris": ["https://app.example/\#(canary)#x"], "\#(canary)": 1, "client_name": "\#(canary)"}"#
        let response = await test.site.respond(
            to: Request(
                .post, "/register", headers: ["Content-Type": "application/json"], body: Array(body.utf8)))
        #expect(response.status == .badRequest)
        let explanation = try #require(told.take())
        #expect(explanation.code == "invalid_redirect_uri" && explanation.check.hasPrefix("redirect_uris: it "))
        #expect(explanation.received == ["client_name", "redirect_uris", "1 other members"])
        #expect(!"\(explanation)".contains(canary))
    }

    @Test func aFormOfAnotherPageAndACallOfAnAppAreTold() async throws {
        let test = try await site()
        let browser = TestBrowser(test)
        #expect(await browser.post("/account/sign-in", ["email": "a@b.example", "password": "x"]).status == 403)
        #expect(told.take()?.code == "forbidden")
        let response = await test.site.respond(
            to: Request(
                .post, "/v1/auth/login", headers: ["Content-Type": "application/json"], body: Array("{}".utf8)))
        #expect(response.status != .ok)
        let explanation = try #require(told.take())
        let problem = Page(response: response).json
        #expect(explanation.code == problem["code"]?.string && explanation.check == problem["title"]?.string)
        #expect(explanation.section == "/v1/auth/openapi.json")
    }

    @Test func aSignInThatCannotGoOnIsToldUnderTheCodeOfItsPage() async throws {
        let test = try await site()
        let browser = TestBrowser(test)
        let page = await browser.get("/interaction/nothing-of-the-kind")
        #expect(page.status == 404)
        let (id, explanation) = try #require(told.takeWithCode())
        #expect(explanation.code == "interaction_over" && page.text.contains("<code id=\"support-code\">\(id)</code>"))
    }

    @Test func aPersonWhoDeclinesIsTold() async throws {
        let test = try await site()
        let browser = TestBrowser(test)
        let page = await browser.follow(
            browser.submit(
                browser.follow(test.authorize()), ["email": TestSite.email, "password": TestSite.password]))
        #expect(told.take() == nil)
        let answer = await browser.submit(page, ["decision": "deny"])
        #expect(answer.location?.contains("error=access_denied") ?? false)
        #expect(told.take()?.code == "access_denied")
    }
}
