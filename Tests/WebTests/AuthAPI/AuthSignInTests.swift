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

@Suite("Signing in by calls")
struct AuthSignInTests {
    @Test("Tokens are those of the code flow: for UserInfo, rotated, ended by a second use")
    func tokens() async throws {
        let test = try await TestSite()
        let app = try await App(test, .tokens)
        let first = try await app.signIn().json
        #expect(first["mfaRequired"] == false && first["tokenType"] == "Bearer" && first["expiresIn"] == 900)
        #expect(first["scope"] == "openid profile email")
        let info = await test.userInfo(try #require(first["accessToken"]?.string))
        #expect(info.json["email"]?.string == TestSite.email)
        let claims = try UnverifiedJWT(parsing: try #require(first["idToken"]?.string)).unverifiedClaims()
        #expect(claims["amr"] == ["pwd"] && claims["aud"] == "app" && claims["sid"] != nil)
        let spent: JSONValue = ["refreshToken": first["refreshToken"] ?? .null]
        let second = try await app.call(.refresh, spent).json
        #expect(second["refreshToken"] != nil && second["refreshToken"] != first["refreshToken"])
        let next: JSONValue = ["refreshToken": second["refreshToken"] ?? .null]
        let third = try await app.call(.refresh, next).json
        app.accessToken = third["accessToken"]?.string
        #expect(try await app.call(.readProfile).status == 200)
        // Two spent ones ago: somebody has a copy, and all of the family ends.
        #expect(try await app.call(.refresh, spent).problem == "invalidRefreshToken")
        #expect(try await app.call(.refresh, ["refreshToken": third["refreshToken"] ?? .null]).status == 401)
        #expect(try await app.call(.readProfile).problem == "invalidToken")
        #expect(try await app.call(.refresh, [:]).problem == "invalidRefreshToken")
        #expect(try await app.call(.refresh, ["refreshToken": "x"]).problem == "invalidRefreshToken")
    }

    @Test("Signing out ends the tokens, also those that outlive a session, and shows among the sessions until then")
    func signsOut() async throws {
        let test = try await TestSite()
        let app = try await App(test, .tokens)
        let content: JSONValue = [
            "email": .string(TestSite.email), "password": .string(TestSite.password),
            "scope": "openid offline_access",
        ]
        let tokens = try await app.call(.login, content).json
        #expect(tokens["scope"] == "openid offline_access")
        app.accessToken = tokens["accessToken"]?.string
        #expect(try await test.sessions.list(of: test.user.id).count == 1)
        let uses = try await test.environment.storage.grants.clients(of: test.user.id, at: test.clock.now)
        #expect(uses.map(\.clientID.rawValue) == ["app"])
        #expect(try await app.call(.logout).status == 204)
        #expect(try await test.sessions.list(of: test.user.id).isEmpty)
        #expect(try await app.call(.logout).problem == "invalidToken")
        #expect(try await app.call(.refresh, ["refreshToken": tokens["refreshToken"] ?? .null]).status == 401)
        #expect(await test.userInfo(app.accessToken ?? "").status == 401)
    }

    @Test("A session that a person ends among their sessions is over for the app too")
    func endedElsewhere() async throws {
        let test = try await TestSite()
        for mode in [Client.OwnSignIn.tokens, .cookies] {
            let app = try await App(test, mode, id: mode.rawValue)
            try await app.signIn()
            #expect(try await app.call(.readProfile).status == 200)
            let session = try #require(try await test.sessions.list(of: test.user.id).first)
            #expect(try await test.sessions.end(session.id, of: test.user.id))
            #expect(try await app.call(.readProfile).problem == "invalidToken")
        }
    }

    @Test func scopesFollowTheRulesOfAuthorizationRequests() async throws {
        let app = try await App(try await TestSite(), .tokens)
        func login(_ scope: String) async throws -> Page {
            try await app.call(
                .login,
                [
                    "email": .string(TestSite.email), "password": .string(TestSite.password), "scope": .string(scope),
                ])
        }
        #expect(try await login("openid").json["scope"] == "openid")
        #expect(try await login("email").json["idToken"] == nil)
        for scope in ["orders:read", "nothing", "\"", "openid orders:read"] {
            let page = try await login(scope)
            #expect(page.status == 422 && page.problem == "invalidScope", "\(scope)")
            #expect(page.json["errors"]?[0]?["pointer"] == "/scope")
        }
    }

    @Test func withoutTheRefreshGrantThereIsNoRefreshToken() async throws {
        let app = try await App(try await TestSite(), .tokens, grantTypes: [.authorizationCode])
        #expect(try await app.signIn().json["refreshToken"] == nil)
        #expect(try await app.call(.readProfile).status == 200)
    }

    @Test("Known, unknown and closed accounts are refused alike, and counted with the pages")
    func noEnumeration() async throws {
        let test = try await TestSite()
        let storage = test.environment.storage
        let app = try await App(test, .tokens)
        let closed = User.withNothingOptional(id: "u_closed", email: "closed@example.com")
        #expect(try await storage.users.insert(closed))
        #expect(try await storage.users.disable(closed.id, at: test.clock.now))
        var refusals: Set<String> = []
        for email in [TestSite.email, "nobody@example.com", "closed@example.com"] {
            let content: JSONValue = ["email": .string(email), "password": "something else"]
            for _ in 1...4 {
                let page = try await app.call(.login, content)
                #expect(page.status == 403)
                refusals.insert(page.text)
            }
            // The fifth on a page of ours: one count for both.
            let browser = TestBrowser(test)
            let page = await browser.follow(test.authorize())
            let refused = await browser.submit(page, ["email": email, "password": "a wrong password"])
            #expect(refused.status == 403)
            let limited = try await app.call(.login, ["email": .string(email), "password": .string(TestSite.password)])
            #expect(limited.status == 429 && limited.problem == "tooManyAttempts")
            #expect(limited.response.headers["Retry-After"] == "301" && limited.json["retryAfter"] == 301)
            test.clock.advance(by: .seconds(86_401))
        }
        #expect(refusals.count == 1)
    }

    @Test(
        "Whoever guesses elsewhere does not lock a device out that was signed in before",
        arguments: [
            Client.OwnSignIn.tokens, .cookies,
        ])
    func knownDevices(_ mode: Client.OwnSignIn) async throws {
        let test = try await TestSite(limits: .init(perAddress: 0, perNetwork: 0))
        let (mine, other) = (try await App(test, mode), try await App(test, .tokens, id: "other"))
        let mark = try await mine.signIn().json["deviceMark"]
        #expect((mark != nil) == (mode == .tokens))
        for _ in 1...5 { #expect(try await other.call(.login, App.wrong).problem == "wrongCredentials") }
        #expect(try await other.call(.login, App.right).problem == "tooManyAttempts")
        var content = App.right.object ?? [:]
        content["deviceMark"] = mark
        #expect(try await mine.call(.login, .object(content)).status == 200)
        content["deviceMark"] = "AAAA.BBBB"
        #expect(try await other.call(.login, .object(content)).problem == "tooManyAttempts")
    }

    @Test("A closed account is out at once: tokens, cookies, refresh")
    func closed() async throws {
        let test = try await TestSite()
        let (app, web) = (try await App(test, .tokens), try await App(test, .cookies, id: "web"))
        let tokens = try await app.signIn().json
        try await web.signIn()
        #expect(try await test.environment.storage.users.disable(test.user.id, at: test.clock.now))
        #expect(try await app.call(.readProfile).problem == "invalidToken")
        #expect(try await web.call(.readProfile).problem == "invalidToken")
        #expect(try await web.call(.refresh, [:]).problem == "invalidToken")
        #expect(try await app.call(.refresh, ["refreshToken": tokens["refreshToken"] ?? .null]).status == 401)
        #expect(try await app.call(.login, App.right).problem == "wrongCredentials")
        #expect(try await web.call(.login, App.right).problem == "wrongCredentials")
    }

    @Test("A cookie goes on under a new secret, and the old one opens nothing")
    func cookies() async throws {
        let app = try await App(try await TestSite(), .cookies)
        try await app.signIn()
        #expect(app.cookies.keys.contains("__Host-martlet-known"))
        let old = app.cookies
        #expect(try await app.call(.refresh, [:]).status == 200)
        #expect(app.cookies != old)
        #expect(try await app.call(.readProfile).json["name"] == "Ada Lovelace")
        let new = app.cookies
        app.cookies = old
        #expect(try await app.call(.readProfile).problem == "invalidToken")
        app.cookies = new
        // Signing in anew ends the session before.
        try await app.signIn()
        let now = app.cookies
        app.cookies = new
        #expect(try await app.call(.readProfile).problem == "invalidToken")
        app.cookies = now
        #expect(try await app.call(.logout).status == 204)
        #expect(!app.cookies.keys.contains { $0.contains("app-") })
        app.cookies = now
        #expect(try await app.call(.readProfile).problem == "invalidToken")
    }

    @Test("Where a page would show a challenge, a call asks for a proof of work, good once and for this client")
    func work() async throws {
        let test = try await TestSite(challenges: { clock in
            let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
            var cost = ProofOfWork.Cost()
            (cost.bits, cost.rounds) = (4, 2)
            let work = ProofOfWork(masterKey, cost: cost, clock: clock, random: SystemRandom())
            clock.advance(by: .seconds(1))
            return ChallengeGate(.always, work: work, clock: clock)
        })
        let (app, other) = (try await App(test, .tokens), try await App(test, .tokens, id: "other"))
        func solved(_ page: Page) throws -> JSONValue {
            let challenge = page.json["challenge"]
            let text = try #require(challenge?["text"]?.string)
            let bits = Int(try #require(challenge?["bits"]?.integer))
            let rounds = Int(try #require(challenge?["rounds"]?.integer))
            let numbers = (0..<rounds).map { round in
                var number = 0
                while !App.startsWithZeros(SHA256.digest(of: "\(text).\(round).\(number)").bytes, bits) { number += 1 }
                return "\(number)"
            }
            return [
                "email": .string(TestSite.email), "password": .string(TestSite.password),
                "challenge": [
                    "token": challenge?["token"] ?? .null, "solution": .string(numbers.joined(separator: ".")),
                ],
            ]
        }
        let asked = try await app.call(.login, App.right)
        #expect(asked.status == 403 && asked.problem == "challengeRequired")
        let answer = try solved(asked)
        #expect(try await other.call(.login, answer).problem == "challengeFailed")
        #expect(try await app.call(.login, answer).status == 200)
        let again = try await app.call(.login, answer)
        #expect(again.problem == "challengeFailed")
        #expect(try await app.call(.login, try solved(again)).status == 200)
        var wrong = try solved(asked)
        if case .object(var object) = wrong {
            object["challenge"] = ["token": asked.json["challenge"]?["token"] ?? .null, "solution": "1.1"]
            wrong = .object(object)
        }
        #expect(try await app.call(.login, wrong).problem == "challengeFailed")
    }

    @Test func aFullQueueOfPasswordsIsBusy() async throws {
        let test = try await TestSite(queueLimit: 0)
        let app = try await App(test, .tokens)
        let page = try await app.call(.login, App.right)
        // One may be under way at once; that no room is left shows as a refusal for a moment.
        #expect([200, 503].contains(page.status))
        if page.status == 503 { #expect(page.problem == "busy" && page.json["retryAfter"] == 2) }
    }

    @Test("Names are changed, within the rules of sign-up")
    func names() async throws {
        let test = try await TestSite()
        let app = try await App(test, .tokens)
        try await app.signIn()
        let page = try await app.call(.updateProfile, ["name": "Zoë 燕"])
        #expect(page.status == 200 && page.json["name"] == "Zoë 燕")
        #expect(try await app.call(.readProfile).json["name"] == "Zoë 燕")
        for name in ["", "a\u{7}b", String(repeating: "x", count: 201)] {
            let refused = try await app.call(.updateProfile, ["name": .string(name)])
            #expect(refused.status == 400 && refused.json["errors"]?[0]?["pointer"] == "/name")
        }
        #expect(try await app.call(.updateProfile, ["email": "eve@example.com"]).status == 400)
        #expect(try await app.call(.readProfile).json["email"]?.string == TestSite.email)
    }
}
