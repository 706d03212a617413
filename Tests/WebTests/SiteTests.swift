import AuthorizationServer
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Web

@Suite("The site as a whole")
struct SiteTests {
    struct Broken: VersionStore {
        func current() async throws -> Int64 { throw StorageError.closed }
    }

    @Test("What programs ask and what people ask are told apart, also below a path", arguments: ["", "/realm"])
    func lanes(root: String) async throws {
        let site = try await TestSite(
            issuer: "https://id.example" + root, registration: try RegistrationPolicy(["access": "open"])
        ).site
        for path in [
            "/token", "/jwks", "/userinfo", "/health", "/.well-known/openid-configuration", "/register",
            "/register/c_1",
        ] {
            #expect(site.isForMachines(root + path))
        }
        for path in ["/authorize", "/interaction/abc/sign-in", "/logout", "/nothing", "/register/c_1/x", "/register/"] {
            #expect(!site.isForMachines(root + path))
        }
    }

    @Test("A refusal for load is one that clients understand, and is marked for the log")
    func busy() async throws {
        let site = try await TestSite().site
        let busy = site.busy(for: Request(.post, "/token"))
        #expect(busy.status == .serviceUnavailable)
        #expect(busy.headers["Retry-After"] == "2")
        #expect(busy.headers["Cache-Control"] == "no-store")
        #expect(busy.notes.isRefusedForLoad)
        guard case .bytes(let bytes) = busy.body else { throw StorageError.closed }
        #expect(try JSONValue(parsing: bytes)["error"]?.string == "temporarily_unavailable")

        let page = site.busy(for: Request(.get, "/authorize", headers: ["Accept-Language": "de"]))
        #expect(page.status == .serviceUnavailable && page.headers["Retry-After"] == "2")
        #expect(page.headers["Content-Language"] == "de" && page.headers["Content-Security-Policy"] != nil)
        #expect(page.notes.isRefusedForLoad)
        #expect(
            Page(response: page).text.contains("id=\"advice\"") && !Page(response: page).text.contains("support-code"))
    }

    @Test("Health is 200 with uptime and time, and 503 when the store is gone")
    func health() async throws {
        let test = try await TestSite()
        test.clock.advance(by: .seconds(5))
        let page = await TestBrowser(test).get("/health")
        #expect(page.status == 200)
        #expect(page.json["status"]?.string == "healthy" && page.json["uptime"]?.integer == 5)
        #expect(page.json["timestamp"]?.string == "2027-01-15T08:00:05Z")

        let memory = Storage.inMemory()
        let broken = try await TestSite(
            storage: memory.replacing(\.versions, by: Broken())
        )
        let sick = await TestBrowser(broken).get("/health")
        #expect(sick.status == 503 && sick.json["status"]?.string == "unhealthy")
        #expect(broken.failures.texts.count == 1)
    }

    @Test(
        "THREATS 27: nothing of development mode exists in production",
        arguments: ["/", "/playground", "/playground/start"])
    func noPlaygroundInProduction(_ path: String) async throws {
        #expect(await TestBrowser(try await TestSite()).get(path).status == 404)
        let development = try await TestSite(development: true)
        #expect(await TestBrowser(development).get(path).status != 404)
    }

    @Test("The playground signs in as a relying party, shows the tokens, refreshes and signs out")
    func playground() async throws {
        let test = try await TestSite(party: .first, development: true)
        let issuer = test.environment.issuer
        #expect(
            try await test.environment.storage.clients.insert(
                TestSite.client(
                    id: "demo",
                    now: test.clock.now,
                    redirectURIs: [DevelopmentAccess.redirectURI(of: issuer)]
                )
            )
        )
        let browser = TestBrowser(test)
        browser.headers = ["Host": "stranger.example"]
        #expect(
            await browser.get("/").location == "https://id.example/", "its secrets are shown under its own name alone")
        browser.headers = ["Host": "id.example"]
        let home = await browser.get("/")
        #expect(home.text.contains(TestSite.password) && home.text.contains("curl -u"))
        let signIn = await browser.follow("/playground/start")
        let consent = await browser.follow(
            browser.submit(signIn, ["email": TestSite.email, "password": TestSite.password])
        )
        let result = await browser.follow(browser.submit(consent, ["decision": "allow"]))
        #expect(result.status == 200)
        #expect(result.text.contains("id=\"userinfo\"") && result.text.contains("at+jwt"))
        #expect(!result.text.contains("id=\"error\""))
        let refreshed = await browser.follow(browser.submit(result, [:]))
        #expect(refreshed.text.contains("Refresh the tokens") && !refreshed.text.contains("id=\"error\""))
        #expect(await browser.get("/playground").status == 200, "reloading shows it again")
        #expect(await browser.get("/playground/callback?code=x&state=y").location == "/playground")
    }

    @Test("Static files carry their hash and may be kept for ever; there are no others")
    func staticFiles() async throws {
        let test = try await TestSite()
        let page = await TestBrowser(test).get("/nowhere")
        let sheet = try #require(page.attribute("<link rel=\"stylesheet\" href=\""))
        let file = await TestBrowser(test).get(sheet)
        #expect(file.status == 200 && file.response.headers["Content-Type"]?.hasPrefix("text/css") == true)
        #expect(file.response.headers["Cache-Control"]?.contains("immutable") == true)
        for other in ["/static/style.css", "/static/style.css?v=0"] {
            #expect(await TestBrowser(test).get(other).response.headers["Cache-Control"] == "no-cache")
        }
        #expect(await TestBrowser(test).get("/static/../templates/sign-in.mustache").status == 404)
        #expect(await TestBrowser(test).get("/static/none.css").status == 404)
    }

    @Test("H-07: a page that only takes GET answers another method with 405 and Allow")
    func wrongMethod() async throws {
        let test = try await TestSite()
        let answer = await test.site.respond(to: Request(.delete, "/authorize"))
        #expect(answer.status == .methodNotAllowed)
        #expect(answer.headers["Allow"] == "GET, HEAD, POST")
    }

    @Test func formsOfOurPagesAreSmallAndAllElseIsAsUsual() async throws {
        let site = try await TestSite().site
        for path in ["/interaction/x/sign-in", "/interaction/x/account", "/interaction/x/consent"] {
            #expect(site.bodyLimit(.post, path) == OwnForm.contentLimit)
        }
        for path in ["/token", "/authorize", "/userinfo", "/nowhere"] { #expect(site.bodyLimit(.post, path) == nil) }
    }

    @Test func aRouteBelowTheIssuersPathKeepsItsLimitOfContent() {
        let router = Router([
            Route(.post, "/large", bodyLimit: 100_000) { _ in .text("") }.below("/realm"),
            Route(.post, "/usual") { _ in .text("") }.below("/realm"),
        ])
        #expect(router.bodyLimit(.post, "/realm/large") == 100_000)
        #expect(router.bodyLimit(.post, "/realm/usual") == nil)
        #expect(router.bodyLimit(.post, "/large") == nil)
    }
}
