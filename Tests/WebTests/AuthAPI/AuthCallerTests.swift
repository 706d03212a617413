import AuthorizationServer
import HTTP
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Web

@Suite("Who may call")
struct AuthCallerTests {
    @Test("A client proves itself as at the token endpoint")
    func clients() async throws {
        let test = try await TestSite()
        let app = try await App(test, .tokens)
        let service = try await App(test, .tokens, id: "service", isConfidential: true)
        #expect(try await app.call(.login, App.right).status == 200)
        #expect(try await service.call(.login, App.right).status == 200)
        func basic(_ id: String, _ secret: String) -> Headers {
            ["Authorization": "Basic " + Base64.encode(Array("\(id):\(secret)".utf8))]
        }
        let json: Headers = ["Content-Type": "application/json"]
        for proof: Headers in [
            [:], basic("service", "another"), basic("app", ""), basic("nobody", App.secret),
            ["Martlet-Client": "service"], ["Martlet-Client": "nobody"], ["Martlet-Client": ""],
        ] {
            var headers = json
            for field in proof { headers.set(field.name, field.value) }
            let page = try await app.send(.login, headers, body: App.right.jsonBytes())
            #expect(page.status == 401 && page.problem == "invalidClient", "\(proof)")
        }
        var twice = json
        twice.add("Martlet-Client", "app")
        twice.add("Martlet-Client", "app")
        #expect(try await app.send(.login, twice, body: App.right.jsonBytes()).problem == "invalidClient")
        // Two that differ.
        let both = basic("service", App.secret).merging(["Martlet-Client": "app"])
        #expect(try await service.call(.login, App.right, headers: both).problem == "invalidClient")
    }

    @Test("The mark counts for the operator's own clients alone, and pages of others read nothing")
    func origins() async throws {
        let test = try await TestSite()
        let tokens = try await App(test, .tokens)
        let cookies = try await App(test, .cookies, id: "web", page: "https://Web.Example:443")
        // As browsers write it.
        cookies.origin = "https://web.example"
        #expect(try await tokens.call(.login, App.right).response.headers["Access-Control-Allow-Origin"] == nil)
        tokens.origin = App.page
        let read = try await tokens.call(.login, App.right)
        #expect(read.status == 200 && read.response.headers["Access-Control-Allow-Origin"] == App.page)
        #expect(read.response.headers["Access-Control-Allow-Credentials"] == nil)
        #expect(read.response.headers["Vary"] == "Origin")
        let web = try await cookies.call(.login, App.right)
        #expect(web.status == 200 && web.response.headers["Access-Control-Allow-Origin"] == "https://web.example")
        #expect(web.response.headers["Access-Control-Allow-Credentials"] == "true")
        let evil: [String?] = [
            "https://evil.example", "null", "https://app.example.evil", "http://app.example", "https://web.example:444",
            "*", "", "https://web.example/",
        ]
        for origin in evil {
            for app in [tokens, cookies] {
                app.origin = origin
                let page = try await app.call(.login, App.right)
                #expect(page.status == 403 && page.problem == "originNotAllowed", "\(origin ?? "")")
                #expect(page.response.headers["Access-Control-Allow-Origin"] == nil)
            }
        }
        // A page of one client is none of another's, whoever it says it is.
        tokens.origin = "https://web.example"
        #expect(try await tokens.call(.login, App.right).problem == "originNotAllowed")
        // What changes something needs a page; reading does not, since only a page of ours can name the client.
        cookies.origin = nil
        #expect(try await cookies.call(.login, App.right).problem == "originNotAllowed")
        #expect(try await cookies.call(.updateProfile, ["name": "Eve"]).problem == "originNotAllowed")
        #expect(try await cookies.call(.readProfile).status == 200)
    }

    @Test("Browsers are told what pages of clients may ask, and others nothing")
    func preflight() async throws {
        let test = try await TestSite()
        _ = try await App(test, .tokens)
        _ = try await App(test, .cookies, id: "web", page: "https://web.example")
        func ask(_ origin: String?, _ path: String = "/me") async -> Response {
            let headers: Headers = origin.map { ["Origin": $0] } ?? [:]
            return await test.site.respond(to: Request(.options, "/v1/auth" + path, headers: headers))
        }
        let web = await ask("https://web.example")
        #expect(web.status == .noContent)
        #expect(web.headers["Access-Control-Allow-Origin"] == "https://web.example")
        #expect(web.headers["Access-Control-Allow-Credentials"] == "true")
        #expect(web.headers["Access-Control-Allow-Methods"] == "GET, PATCH")
        #expect(web.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, Martlet-Client")
        let app = await ask(App.page, "/login")
        #expect(app.status == .noContent && app.headers["Access-Control-Allow-Credentials"] == nil)
        for origin in ["https://evil.example", "null", nil] {
            let page = await ask(origin)
            #expect(page.status == .forbidden && page.headers["Access-Control-Allow-Origin"] == nil)
        }
    }

    @Test("What one client got opens nothing at another, nor at our pages")
    func bound() async throws {
        let test = try await TestSite()
        let (one, two) = (try await App(test, .tokens, id: "one"), try await App(test, .tokens, id: "two"))
        let tokens = try await one.signIn().json
        #expect(try await one.call(.readProfile).json["email"]?.string == TestSite.email)
        #expect(try await one.call(.readProfile, headers: ["Martlet-Client": "two"]).problem == "invalidToken")
        let refresh: JSONValue = ["refreshToken": tokens["refreshToken"] ?? .null]
        #expect(try await two.call(.refresh, refresh).problem == "invalidRefreshToken")
        #expect(try await one.call(.refresh, refresh).status == 200)

        let (red, blue) = (try await App(test, .cookies, id: "red"), try await App(test, .cookies, id: "blue"))
        try await red.signIn()
        #expect(try await red.call(.readProfile).status == 200)
        let secret = try #require(red.cookies.first { $0.key.contains("app-") }?.value)
        try await blue.signIn()
        let name = try #require(blue.cookies.keys.first { $0.contains("app-") })
        blue.cookies[name] = secret
        #expect(try await blue.call(.readProfile).problem == "invalidToken")
        let browser = TestBrowser(test)
        browser.cookies["__Host-martlet-session"] = secret
        #expect(await browser.get("/account").location?.contains("sign-in") == true)
        // Nor does the cookie of our pages open a call.
        let person = TestBrowser(test)
        _ = await test.openAccount(person)
        #expect(person.cookies["__Host-martlet-session"] != nil)
        blue.cookies[name] = person.cookies["__Host-martlet-session"]
        #expect(try await blue.call(.readProfile).problem == "invalidToken")
    }

    @Test("Only a token of a client with tokens opens a call")
    func otherTokens() async throws {
        let test = try await TestSite(party: .first)
        let app = try await App(test, .tokens)
        let code = try #require(await test.signIn(TestBrowser(test)).answer?[.code])
        app.accessToken = try #require(await test.redeem(code).json["access_token"]?.string)
        #expect(try await app.call(.readProfile).problem == "invalidToken")
        app.accessToken = try #require(
            await test.token(["grant_type": "client_credentials"]).json["access_token"]?.string)
        #expect(try await app.call(.readProfile).problem == "invalidToken")
        let idToken = try await app.signIn().json["idToken"]?.string
        #expect(try await app.call(.readProfile).status == 200)
        #expect(idToken != nil)
        app.accessToken = idToken
        #expect(try await app.call(.readProfile).problem == "invalidToken")
        #expect(try await app.call(.readProfile, headers: ["Authorization": "Basic eDp5"]).status == 401)
    }

    @Test("A cookie is of its host alone, for no script and no other site")
    func cookie() async throws {
        let app = try await App(try await TestSite(), .cookies)
        let page = try await app.signIn()
        let line = try #require(page.response.headers.values(of: "Set-Cookie").first { $0.contains("app-") })
        #expect(line.hasPrefix("__Host-martlet-app-"))
        for part in ["Path=/", "HttpOnly", "Secure", "SameSite=Strict"] { #expect(line.contains("; " + part)) }
        #expect(!line.contains("Domain"))
        for name in ["accessToken", "refreshToken", "idToken"] { #expect(page.json[name] == nil) }
        // With two of a name nobody knows which is ours.
        let twice = app.cookies.map { "\($0.key)=\($0.value); \($0.key)=x" }.joined(separator: "; ")
        #expect(try await app.call(.readProfile, headers: ["Cookie": twice]).status == 401)
        #expect(try await app.call(.readProfile).status == 200)
    }
}

extension Headers {
    fileprivate func merging(_ other: Headers) -> Headers {
        var headers = self
        for field in other { headers.set(field.name, field.value) }
        return headers
    }

    @Test("C-10: guesses at a client's secret count here as at the token endpoint, and with them")
    func guessesAtTheSecretAreLimited() async throws {
        let test = try await TestSite()
        let app = try await App(test, .tokens, isConfidential: true)
        let guess: Headers = ["Authorization": "Basic " + Base64.encode(Array("app:wrong".utf8))]
        for number in 0..<60 {
            let refused =
                number % 2 == 0
                ? try await app.call(.login, App.right, headers: guess)
                : await test.token(["grant_type": "client_credentials"], proof: .header(guess["Authorization"]!))
            #expect(refused.status == 401)
        }
        for headers in [guess, [:]] {
            let refused = try await app.call(.login, App.right, headers: headers)
            #expect(refused.status == 429 && refused.json["code"]?.string == "tooManyAttempts")
        }
    }
}
